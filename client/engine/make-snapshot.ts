/** Gathers what people may want to see into one plain object (viewer-snapshot.ts). Reads, changes nothing. */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { ChunkLibrary } from './chunk-library.ts';
import { chunkKey } from './keys.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { Neighbour } from './neighbour.ts';
import type { Swarm } from './swarm.ts';
import type { Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';
import type { ChunkSnapshot, NeighbourSnapshot, P2pMode, ViewerSnapshot } from './viewer-snapshot.ts';

export interface SnapshotSources {
  readonly nowMs: number;
  readonly mode: P2pMode;
  readonly kind: 'vod' | 'live';
  readonly streams: readonly StreamId[];
  readonly swarm: Swarm;
  readonly library: ChunkLibrary;
  readonly log: LogKeeper;
  readonly timelines: ReadonlyMap<StreamId, Timeline>;
  readonly playheadUs: number;
  readonly tally: Tally;
  readonly isSeederFailing: boolean;
  readonly trackerMs: number | null;
  readonly isChannelGone: boolean;
  readonly isWaiting: boolean;
  readonly isHost: boolean;
}

/** Cells shown behind and ahead of the playhead. */
const TIMELINE_BEHIND = 40;
const TIMELINE_AHEAD = 40;

export function makeSnapshot(sources: SnapshotSources): ViewerSnapshot {
  const { swarm, tally, nowMs } = sources;
  const bytes = tally.totals(swarm.neighbours.values());
  const media = bytes.fromPeers + bytes.fromSeeder;
  const isStuck = sources.isWaiting && sources.isSeederFailing;
  const aheadUs = aheadOf(sources);
  return {
    mode: sources.mode,
    swarm: swarm.state,
    seeder: sources.isSeederFailing ? 'failing' : 'ok',
    swarmSize: swarm.size,
    neighbours: [...swarm.neighbours.values()].map((neighbour) => showNeighbour(neighbour, sources)),
    dialing: swarm.dialing,
    bytes,
    offloadRatio: media === 0 ? null : bytes.fromPeers / media,
    downBytesPerSecond: tally.downRate.rate(nowMs),
    upBytesPerSecond: tally.upRate.rate(nowMs),
    playheadUs: sources.playheadUs,
    aheadUs,
    live: sources.kind === 'live' ? showLive(sources) : null,
    timeline: sources.streams.flatMap((stream) => showTimeline(stream, sources)),
    bannedPeers: swarm.banned,
    notice: sources.isChannelGone ? 'channelGone' : aheadUs >= STUCK_AHEAD_US ? null : (hostNotice(sources) ?? (isStuck ? 'waitingForSeederAndPeers' : null)),
    hosted: swarm.hosted ?? null,
    copies: sources.isHost ? copiesOf(sources) : null,
  };
}

/** Where media runs out because the host is not there: live has nothing new, a film lacks what only the host has. */
function hostNotice({ swarm, kind, isWaiting }: SnapshotSources): ViewerSnapshot['notice'] {
  const { hosted } = swarm;
  if (!hosted || hosted.state === 'on' || (kind === 'vod' && !(isWaiting && hosted.floor === 'peers'))) return null;
  return hosted.state === 'away' ? 'hostAway' : 'hostDone';
}

function copiesOf({ library, swarm }: SnapshotSources): { least: number; mean: number } {
  const viewers = [...swarm.neighbours.values()].filter((neighbour) => neighbour.state === 'active');
  let [least, sum, chunks] = [Infinity, 0, 0];
  for (const { stream, index } of library.held.values()) {
    const copies = viewers.reduce((count, viewer) => count + (viewer.streams.get(stream)?.holds(index) ? 1 : 0), 0);
    least = Math.min(least, copies);
    sum += copies;
    chunks++;
  }
  return chunks === 0 ? { least: 0, mean: 0 } : { least, mean: sum / chunks };
}

/** With more than this ahead nobody needs to know yet that the seeder is away. */
const STUCK_AHEAD_US = 1_000_000;

function showNeighbour(neighbour: Neighbour, { nowMs, streams }: SnapshotSources): NeighbourSnapshot {
  const main = streams[0];
  return {
    peer: neighbour.peer,
    state: neighbour.state === 'active' ? 'active' : 'greeting',
    connectedMs: nowMs - neighbour.connectedMs,
    rttMs: neighbour.rttMs,
    downBytes: neighbour.downBytes,
    upBytes: neighbour.upBytes,
    downBytesPerSecond: neighbour.downRate.rate(nowMs),
    upBytesPerSecond: neighbour.upRate.rate(nowMs),
    heldChunks: neighbour.heldChunks,
    playhead: main === undefined ? null : (neighbour.streams.get(main)?.playhead ?? null),
    isChokedByThem: neighbour.isChokedByThem,
    isChokedByUs: neighbour.isChokedByUs,
  };
}

function aheadOf({ streams, timelines, library, playheadUs }: SnapshotSources): number {
  const stream = streams[0];
  const timeline = stream === undefined ? undefined : timelines.get(stream);
  const first = timeline?.at(playheadUs) ?? null;
  if (stream === undefined || !timeline || first === null) return 0;
  let endUs = playheadUs;
  for (let index: number = first; library.isHeld(stream, index as ChunkIndex); index++) {
    const times = timeline.times(index as ChunkIndex);
    if (!times) break;
    endUs = times.startUs + times.durationUs;
  }
  return Math.max(0, endUs - playheadUs);
}

function showLive({ streams, log, playheadUs, trackerMs }: SnapshotSources): ViewerSnapshot['live'] {
  const known = streams[0] === undefined ? undefined : log.get(streams[0]);
  const head = known?.head === null || known?.head === undefined ? undefined : known.record(known.head);
  const shown = known?.at(playheadUs);
  const isInside = shown !== undefined && playheadUs >= shown.startUs - 1 && shown.onAirMs > 0;
  return {
    edgeUs: head ? head.startUs + head.durationUs : 0,
    behindMs: isInside && trackerMs !== null ? trackerMs - (shown.onAirMs + (playheadUs - shown.startUs) / 1000) : null,
  };
}

function showTimeline(stream: StreamId, { timelines, library, playheadUs }: SnapshotSources): ChunkSnapshot[] {
  const timeline = timelines.get(stream);
  const here = timeline?.at(playheadUs) ?? null;
  if (!timeline || here === null || timeline.last === null) return [];
  const cells: ChunkSnapshot[] = [];
  const last = Math.min(timeline.last, here + TIMELINE_AHEAD);
  for (let number = Math.max(0, here - TIMELINE_BEHIND); number <= last; number++) {
    const index = number as ChunkIndex;
    const times = timeline.times(index);
    if (times) cells.push({ stream, index, startUs: times.startUs, durationUs: times.durationUs, ...stateOf(library, stream, index) });
  }
  return cells;
}

function stateOf(library: ChunkLibrary, stream: StreamId, index: ChunkIndex): Pick<ChunkSnapshot, 'state' | 'bytes' | 'bytesFromPeers' | 'bytesFromSeeder'> {
  const key = chunkKey(stream, index);
  const held = library.held.get(key);
  const past = held ?? library.dropped.get(key);
  if (past) return { state: held ? 'held' : 'dropped', bytes: past.record.bytes, bytesFromPeers: past.fromPeers, bytesFromSeeder: past.fromSeeder };
  const pending = library.pending.get(key);
  if (!pending) return { state: 'missing', bytes: 0, bytesFromPeers: 0, bytesFromSeeder: 0 };
  return {
    state: pending.verified.count > 0 ? 'fetching' : 'missing',
    bytes: pending.record.bytes,
    bytesFromPeers: pending.bytesFromPeers,
    bytesFromSeeder: pending.bytesFromSeeder,
  };
}
