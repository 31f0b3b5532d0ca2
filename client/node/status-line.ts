/** What the headless peer prints: a line for people, or a JSON object for programs. */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import type { PeerId } from '#protocol/ids';
import type { HeadlessFigures } from './headless-viewer.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** One line, under 120 characters. */
export function statusLine(peer: PeerId, viewer: ViewerSnapshot, playback: HeadlessFigures | null): string {
  const { bytes, neighbours, swarmSize, live } = viewer;
  const share = viewer.offloadRatio === null ? '–' : `${Math.round(viewer.offloadRatio * 100)} %`;
  const parts = [
    peer.slice(0, 6),
    `${neighbours.filter(({ state }) => state === 'active').length} of ${Math.max(0, swarmSize - 1)} peers`,
    `from peers ${megabytes(bytes.fromPeers)} (${share})`,
    `from seeder ${megabytes(bytes.fromSeeder)}`,
    `to peers ${megabytes(bytes.toPeers)}`,
  ];
  if (playback !== null) parts.push(playback.startupMs === null ? 'starting' : `at ${(playback.playheadUs / 1e6).toFixed(1)} s, ${playback.stalls} stalls`);
  if (live !== null && live.behindMs !== null) parts.push(`${(live.behindMs / 1000).toFixed(1)} s behind`);
  if (viewer.swarm === 'trackerLost') parts.push('tracker lost');
  if (viewer.seeder === 'failing') parts.push('seeder failing');
  return parts.join(', ');
}

/** The same figures, and a few more, for programs. */
export function statusObject(peer: PeerId, viewer: ViewerSnapshot, playback: HeadlessFigures | null): Record<string, unknown> {
  return {
    event: 'status',
    peer,
    swarm: viewer.swarm,
    seeder: viewer.seeder,
    swarmSize: viewer.swarmSize,
    neighbours: viewer.neighbours.filter(({ state }) => state === 'active').length,
    bytes: viewer.bytes,
    offloadRatio: viewer.offloadRatio,
    aheadUs: viewer.aheadUs,
    behindMs: viewer.live?.behindMs ?? null,
    bannedPeers: viewer.bannedPeers,
    playback,
  };
}
