/**
 * What the engine shows to people: one plain object, made when asked for, with everything that the player's pages, the
 * headless peer's JSON lines and the tests read. Shares and rates are as defined in the glossary.
 */
import type { Hosted } from '#protocol/hosted';
import type { ChunkIndex, PeerId, StreamId } from '#protocol/ids';

/** `off`: the seeder alone. `download`: takes from peers, gives nothing. `on`: both. */
export type P2pMode = 'off' | 'download' | 'on';

export interface NeighbourSnapshot {
  readonly peer: PeerId;
  /** `greeting`: the link is open and `hello` has not come yet. */
  readonly state: 'greeting' | 'active';
  readonly connectedMs: number;
  /** Smoothed round trip, null before the first pong. */
  readonly rttMs: number | null;
  readonly downBytes: number;
  readonly upBytes: number;
  /** Over the last seconds. */
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly heldChunks: number;
  /** Chunk it plays, null when unknown. */
  readonly playhead: ChunkIndex | null;
  readonly isChokedByThem: boolean;
  readonly isChokedByUs: boolean;
}

/** One cell of the timeline. */
export interface ChunkSnapshot {
  readonly stream: StreamId;
  readonly index: ChunkIndex;
  readonly startUs: number;
  readonly durationUs: number;
  /** `missing` nothing yet, `fetching` some pieces, `held` whole and verified, `dropped` was held and forgotten. */
  readonly state: 'missing' | 'fetching' | 'held' | 'dropped';
  readonly bytes: number;
  readonly bytesFromPeers: number;
  readonly bytesFromSeeder: number;
}

export interface ByteTotals {
  /** Verified media bytes by source, each byte once. */
  readonly fromPeers: number;
  readonly fromSeeder: number;
  readonly toPeers: number;
  /** Media bytes that arrived twice, unasked or wrong. */
  readonly wasted: number;
  /** Everything on peer links that is not piece payload, both directions. */
  readonly control: number;
}

export interface ViewerSnapshot {
  readonly mode: P2pMode;
  /** `unavailable`: this browser has no WebRTC. */
  readonly swarm: 'off' | 'unavailable' | 'joining' | 'joined' | 'trackerLost';
  readonly seeder: 'ok' | 'failing';
  /** Members as the tracker last said, this viewer included. */
  readonly swarmSize: number;
  readonly neighbours: readonly NeighbourSnapshot[];
  readonly dialing: number;
  readonly bytes: ByteTotals;
  /** fromPeers / (fromPeers + fromSeeder); null before the first byte. */
  readonly offloadRatio: number | null;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly playheadUs: number;
  /** Verified media ahead of the playhead without a gap, microseconds. */
  readonly aheadUs: number;
  readonly live: null | {
    /** End of the newest chunk known. */
    readonly edgeUs: number;
    /** How long ago the media now shown was on air, by the tracker's clock; null while unknown. */
    readonly behindMs: number | null;
  };
  readonly timeline: readonly ChunkSnapshot[];
  readonly bannedPeers: number;
  /** What a person should know now, or null. */
  readonly notice: null | 'waitingForSeederAndPeers' | 'channelGone' | 'hostAway' | 'hostDone';
  /** Host: neighbours that hold the chunk which fewest of them hold, and the mean over all chunks; null for others. */
  readonly copies: { readonly least: number; readonly mean: number } | null;
  /** A host that is not the server, as the tracker last said; null where there is none. */
  readonly hosted: Hosted | null;
}
