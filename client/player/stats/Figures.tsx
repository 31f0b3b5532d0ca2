/** The single figures: buffer, lag, rates, overhead, start-up and stalls. */
import type { PlaybackFigures } from '#browser/playback-watch';
import type { WatchSnapshot } from '#browser/watch-snapshot';
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import { formatByteRate } from '../format/bytes.ts';
import { formatMilliseconds, formatSeconds } from '../format/durations.ts';
import { formatShare, formatSmallShare } from '../format/shares.ts';
import { controlShare } from './rates.ts';

export interface FiguresProps {
  readonly snapshot: ViewerSnapshot;
  readonly playback: PlaybackFigures;
  readonly live: WatchSnapshot['live'];
}

const UNKNOWN = '–';

const SWARM: Readonly<Record<ViewerSnapshot['swarm'], string>> = {
  off: 'off',
  unavailable: 'no WebRTC here',
  joining: 'joining',
  joined: 'joined',
  trackerLost: 'tracker lost, retrying',
};

function figuresOf({ snapshot, playback, live }: FiguresProps): readonly (readonly [name: string, value: string])[] {
  const { bytes } = snapshot;
  const overhead = controlShare(bytes);
  return [
    ['Share from peers', snapshot.offloadRatio === null ? UNKNOWN : formatShare(snapshot.offloadRatio)],
    ['Buffer ahead', formatSeconds(snapshot.aheadUs / 1_000)],
    ...(live === null ? [] : [['Behind live', formatSeconds(live.behindMs)] as const]),
    ['Start-up', playback.startupMs === null ? UNKNOWN : formatMilliseconds(playback.startupMs)],
    ['Stalls', playback.stalls === 0 ? '0' : `${playback.stalls} (${formatSeconds(playback.stalledMs)})`],
    ['Receiving', formatByteRate(snapshot.downBytesPerSecond)],
    ['Sending', formatByteRate(snapshot.upBytesPerSecond)],
    ['Control overhead', overhead === null ? UNKNOWN : formatSmallShare(overhead)],
    ['In the swarm', String(snapshot.swarmSize)],
    ['Swarm', SWARM[snapshot.swarm]],
    ['Seeder', snapshot.seeder === 'ok' ? 'answers' : 'does not answer'],
    ...(snapshot.bannedPeers === 0 ? [] : [['Peers turned away', String(snapshot.bannedPeers)] as const]),
  ];
}

export function Figures(props: FiguresProps) {
  return (
    <dl className="figures tabular" data-testid="figures">
      {figuresOf(props).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
