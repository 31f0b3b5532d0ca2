/**
 * A picture for a channel that has none: streams that flow together, drawn from the channel's id, so that a channel
 * looks the same everywhere and no two look alike. Pure geometry in a field of 320 by 180.
 */

export interface ArtworkStrand {
  /** SVG path data. */
  readonly path: string;
  readonly width: number;
  /** 0 is the trunk's tone, 1 the palest. */
  readonly tone: number;
}

export interface Artwork {
  readonly hue: number;
  readonly strands: readonly ArtworkStrand[];
}

export const ARTWORK_WIDTH = 320;
export const ARTWORK_HEIGHT = 180;

/** Hues that sit well beside each other and leave the badges' red alone. */
const HUES = [188, 206, 224, 168, 146, 262, 286, 38] as const;

/** FNV-1a over the id, then a small xorshift: even, and the same everywhere. */
function numbersFrom(text: string): () => number {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function drawArtwork(id: string): Artwork {
  const next = numbersFrom(id);
  next();
  const hue = HUES[Math.floor(next() * HUES.length)]!;
  const count = 7 + Math.floor(next() * 4);
  const mouth = ARTWORK_HEIGHT * (0.34 + next() * 0.32);
  const strands = Array.from({ length: count }, (_, at): ArtworkStrand => {
    const source = -20 + ((ARTWORK_HEIGHT + 40) * (at + next() * 0.8)) / count;
    const joins = ARTWORK_WIDTH * (0.42 + next() * 0.42);
    const end = mouth + (next() - 0.5) * 26;
    const bend = joins * (0.35 + next() * 0.3);
    return {
      path:
        `M-12 ${round(source)}C${round(bend)} ${round(source)} ${round(joins - bend * 0.55)} ${round(end)} ` +
        `${round(joins)} ${round(end)}S${ARTWORK_WIDTH - 30} ${round(mouth)} ${ARTWORK_WIDTH + 12} ${round(mouth)}`,
      width: round(2.5 + next() * 11),
      tone: round(next()),
    };
  });
  return { hue, strands: strands.sort((one, other) => other.width - one.width) };
}
