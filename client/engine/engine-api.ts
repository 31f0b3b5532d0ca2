/**
 * The engine as the rest of a peer sees it: `createEngine` (engine.ts) returns one per channel watched or shared. The
 * player drives it with a playhead and asks for chunks; everything else it does by itself through its ports.
 */
import type { ChannelDescription } from '#protocol/description';
import type { Hosted } from '#protocol/hosted';
import type { ChannelId, ChunkIndex, PeerId, StreamId } from '#protocol/ids';
import type { ChunkRecord, LogEntry } from '#protocol/record';
import type { Report } from '#protocol/tracker-events';
import type { Policies } from './policy/policies.ts';
import type { Cancel, ChunkStore, Clock, Dialer, Hasher, Origin, Random, Tracker } from './ports.ts';
import type { Settings } from './settings.ts';
import type { P2pMode, ViewerSnapshot } from './viewer-snapshot.ts';

export interface EnginePorts {
  readonly clock: Clock;
  /** Milliseconds since 1970 by this machine's clock, for live lag only. */
  readonly wallClockMs: () => number;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly dialer: Dialer;
  readonly tracker: Tracker;
  readonly origin: Origin;
  readonly store: ChunkStore;
}

export interface EngineOptions {
  readonly channel: ChannelId;
  /** From `openDescription` (channel-key.ts): of the channel's key before it comes here, signed by it before `start`. */
  readonly description: ChannelDescription;
  /** This peer's id: 20 random bytes made by the composition root. */
  readonly peer: PeerId;
  readonly mode: P2pMode;
  /** A viewer has a playhead; a contributor takes what the swarm lacks and shares it; a host takes nothing and has it all. */
  readonly role: 'viewer' | 'contributor' | 'host';
  /** What is known of a host that is not the server before the tracker tells. */
  readonly hosted?: Hosted | undefined;
  /** What this machine's clock says of where it is, minutes from UTC: near peers are sought by it. */
  readonly utcOffsetMinutes?: number;
  /** How much longer than usual the host took to come this far, ms: what runs late from the start. */
  readonly lateMs?: number;
  readonly settings: Settings;
  /** Choices other than the defaults; the simulator compares them. */
  readonly policies?: Partial<Policies>;
}

/** A chunk in the player's hands. */
export interface DeliveredChunk {
  /** A copy of its own: the player may transfer it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fromPeers: number;
  readonly fromSeeder: number;
  /** From the first byte's request to the last byte's verification, 0 when the chunk was held already. */
  readonly fetchMs: number;
}

export interface ChunkListener {
  /** It looks at bytes while it is called and no longer: it gets the engine's own, which it must not change, and no copies. */
  readonly onlyLooks?: boolean;
  onProgress?(verifiedBytes: number, totalBytes: number): void;
  /**
   * The chunk's beginning as far as it is verified without a gap, part after part, each a copy of its own. A player that
   * takes it needs not wait for the end; `onDone` comes all the same, with the whole.
   */
  onPart?(part: Uint8Array<ArrayBuffer>): void;
  onDone(chunk: DeliveredChunk): void;
  /** Only when it can never come: before the live window, past the end, or the engine was closed. */
  onFailed(reason: 'gone' | 'closed'): void;
}

export interface Engine {
  /** Takes log entries the host page brought along, checks them like any other. */
  offerEntries(entries: readonly LogEntry[]): void;
  /**
   * Host: announces a chunk of its own, whose bytes the store has or can make. It counts as held from then on, for a live
   * stream until it leaves the window.
   */
  hold(entry: LogEntry): void;
  /** Joins the swarm (unless the mode is `off`) and starts to fetch. */
  start(): void;
  /** Takes effect at once: `off` closes every link and leaves the tracker. */
  setMode(mode: P2pMode): void;
  /**
   * Where the player is. Called on every timeupdate, seek, pause and rate change; a jump is a seek. `rate` 0 is paused.
   * `hasStarted` is false until the first frame shows.
   */
  setPlayhead(playhead: { readonly mediaUs: number; readonly rate: number; readonly hasStarted: boolean }): void;
  /**
   * How much should be ahead of the playhead before playback begins, ms: what the seeder may well take to bring the next
   * piece.
   */
  readonly supplyMs: number;
  /** The streams in use (video, audio, subtitles chosen now). Chunks of others are forgotten first. */
  setStreams(streams: readonly StreamId[]): void;
  /** Asks for one whole chunk. Patient: it waits through lost seeders and peers until it comes or is cancelled. */
  getChunk(stream: StreamId, chunk: ChunkIndex, listener: ChunkListener): Cancel;
  /** Verified records in order, without gaps, oldest first: what a live playlist is written from. */
  records(stream: StreamId): readonly ChunkRecord[];
  /** Calls `listener` whenever `records` has changed. */
  onRecords(listener: (stream: StreamId) => void): Cancel;
  snapshot(): ViewerSnapshot;
  /** Figures since the start, for the tracker's `report`; playback figures are the player's to fill in. */
  report(playback: Pick<Report, 'stalls' | 'stalledMs' | 'startupMs' | 'watchedMs'>): void;
  /** Says goodbye, closes links, cancels everything. Idempotent; afterwards nothing is called back. */
  close(): void;
}
