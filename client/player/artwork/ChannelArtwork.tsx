/** Draws a channel's artwork. Decoration: the title beside it says everything. */
import { useMemo } from 'react';
import { ARTWORK_HEIGHT, ARTWORK_WIDTH, drawArtwork } from './artwork.ts';

export function ChannelArtwork({ id }: { readonly id: string }) {
  const { hue, strands } = useMemo(() => drawArtwork(id), [id]);
  return (
    <svg
      className="artwork" viewBox={`0 0 ${ARTWORK_WIDTH} ${ARTWORK_HEIGHT}`}
      preserveAspectRatio="xMidYMid slice" fill="none" aria-hidden="true"
      style={{ background: `linear-gradient(160deg, hsl(${hue} 42% 24%), hsl(${hue} 55% 11%))` }}
    >
      {strands.map((strand, at) => (
        <path
          key={at} d={strand.path} strokeWidth={strand.width} strokeLinecap="round"
          stroke={`hsl(${hue - 14 + strand.tone * 28} ${58 - strand.tone * 14}% ${44 + strand.tone * 34}%)`}
          strokeOpacity={0.42 + strand.tone * 0.4}
        />
      ))}
    </svg>
  );
}
