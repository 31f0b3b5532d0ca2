/**
 * What the engine needs of the world. It is synchronous and driven by callbacks: an adapter calls back later from its
 * own event, never from inside the call that asked (the exceptions say so), and never again after the returned cancel
 * was called. Browser, Node and simulator each bring their own; one contract suite tests them all.
 */
import type { Hosted } from '#protocol/hosted';
import type { LogEntry } from '#protocol/record';
import type { ChannelId, ChunkIndex, PeerId, StreamId } from '#protocol/ids';
import type { Candidate, Position, Report } from '#protocol/tracker-events';

/** Ends what it was returned for: idempotent, and nothing is called back afterwards. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds, monotonic, from any origin. */
  nowMs(): number;
  /** Calls `run` once, `ms` or more from now. */
  after(ms: number, run: () => void): Cancel;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** An independent generator; the same label gives the same one. */
  fork(label: string): Random;
}

export interface Hasher {
  /** SHA-256 at once; for short inputs (tree nodes, ids). */
  digest(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of a piece's leaf input (protocol/merkle.ts); may call back at once or later. */
  hashPiece(piece: Uint8Array, done: (digest: Uint8Array) => void): void;
  /** Ed25519 (RFC 8032); may call back at once or later. Malformed keys or signatures are `false`, never an exception. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, done: (isValid: boolean) => void): void;
}

/** Why a link went away, as far as this side knows. */
export type LinkEnd = 'closedHere' | 'closedByPeer' | 'failed';

/** A reliable, ordered message channel to one peer. Open from the moment it is handed over. */
export interface PeerLink {
  readonly remote: PeerId;
  /**
   * Queues one message of at most MAX_MESSAGE_BYTES; nobody writes to its bytes from then on. After the end of the link it
   * does nothing.
   */
  send(bytes: Uint8Array): void;
  /**
   * For links that know when a message has gone: a buffer of `length` bytes to write the next piece into, whatever is in
   * it. It is lent to both sides: the listener at the other end has it until it returns.
   */
  lend?(length: number): Uint8Array;
  /** Bytes queued and not yet handed to the network. */
  readonly bufferedBytes: number;
  /** Whether the queue is above the high-water mark; the sender of media then waits for `onDrained`. */
  readonly isCongested: boolean;
  /** One listener: called whenever the queue falls below the low-water mark after it had been congested. */
  onDrained(listener: () => void): void;
  /** One listener. Messages that arrive before it is set wait for it. The bytes belong to the listener. */
  onMessage(listener: (bytes: Uint8Array) => void): void;
  /** One listener, called once, with `closedHere` too. */
  onEnd(listener: (end: LinkEnd) => void): void;
  /** Sends what is queued if the transport can, then closes. Idempotent. */
  close(): void;
}

/** Opens links. Signals travel through the tracker or through a mutual neighbour; the dialer does not care which. */
export interface Dialer {
  /** Starts to connect; the result is a call of `onLink` or `onFailed`. A second dial to the same peer does nothing. */
  dial(peer: PeerId): void;
  /** Hands over a signal that arrived; one from an unknown peer is an incoming dial, asked of `accepts` first. */
  signal(from: PeerId, signal: string): void;
  setIceServers(servers: readonly { readonly urls: string | readonly string[] }[]): void;
  /** Set once by the engine, before anything else. */
  listen(listener: DialerListener): void;
  /** Peers being connected right now. */
  readonly dialing: number;
  /** False where the host has no WebRTC at all. */
  readonly isAvailable: boolean;
  /** Gives up all dials and closes all links; a later dial works again. */
  hangUp(): void;
  /** Hangs up for good. */
  close(): void;
}

export interface DialerListener {
  /** Whether an incoming dial is welcome. */
  accepts(from: PeerId): boolean;
  onLink(link: PeerLink): void;
  onFailed(peer: PeerId): void;
  /** A signal to be carried to `to`. */
  onSignal(to: PeerId, signal: string): void;
}

export interface Joined {
  readonly candidates: readonly Candidate[];
  readonly swarmSize: number;
  readonly iceServers: readonly { readonly urls: string | readonly string[] }[];
  readonly ticket: Uint8Array;
  readonly heads: readonly LogEntry[];
  /** Milliseconds to add to this peer's wall clock to have the tracker's. */
  readonly clockOffsetMs: number;
  /** Where the host is not the server. */
  readonly hosted?: Hosted;
}

export interface TrackerListener {
  /** After each join, the ones after a reconnection too. */
  onJoined(joined: Joined): void;
  onSignal(from: PeerId, signal: string): void;
  onHead(head: LogEntry, swarmSize: number): void;
  /** A host that is not the server went away, came back, ended, or has another peer now. */
  onHosted?(hosted: Hosted): void;
  /** The connection was lost; the adapter rejoins by itself with backoff. */
  onLost(): void;
  /** The tracker turned the join down for good (unknown channel, id taken). */
  onRefused(reason: string): void;
}

export interface Tracker {
  /** Joins, and stays joined, until `leave`. `position` is asked whenever a (re)join needs it. */
  join(channel: ChannelId, peer: PeerId, position: () => Position, listener: TrackerListener): void;
  /** Asks for more introductions; no answer while the tracker is away. */
  moreCandidates(known: readonly PeerId[], done: (candidates: readonly Candidate[], swarmSize: number) => void): void;
  /** Whether a signal given now would travel. */
  readonly isConnected: boolean;
  signal(to: PeerId, signal: string): void;
  report(report: Omit<Report, 'channel'>): void;
  leave(): void;
}

/** `gone`: the seeder says it does not have it (404, 410). `unreachable`: everything else. */
export type OriginFailure = 'gone' | 'unreachable';

export interface OriginTransfer {
  /**
   * Bytes in order as they arrive, the first at the range's first byte. The buffer belongs to the listener. `answerMs`
   * where they had been asked for before the transfer: how long that answer took to begin, null where nobody knows.
   */
  onBytes(bytes: Uint8Array, answerMs?: number | null): void;
  onEnd(): void;
  onFailed(failure: OriginFailure): void;
}

/** The seeder of one channel. */
export interface Origin {
  /** Bytes `firstByte` to `lastByte` (inclusive) of a chunk. Cancelling stops the transfer where the transport can. */
  fetchChunk(stream: StreamId, chunk: ChunkIndex, firstByte: number, lastByte: number, transfer: OriginTransfer): Cancel;
  /** Log entries from `first` on, or the newest ones; unverified. */
  fetchRecords(
    stream: StreamId,
    first: ChunkIndex | 'newest',
    count: number,
    done: (entries: readonly LogEntry[]) => void,
    failed: (failure: OriginFailure) => void,
  ): Cancel;
}

/** Where verified chunks stay: memory everywhere, OPFS behind it later. Bounded by the engine, not by itself. */
export interface ChunkStore {
  put(stream: StreamId, chunk: ChunkIndex, bytes: Uint8Array): void;
  /** For stores that do not keep what they are given: a buffer of `length` bytes to gather a chunk in, until its `put`. */
  lend?(length: number): Uint8Array;
  /** The stored bytes themselves, not a copy; the caller must not hand them to anyone who might transfer them. */
  get(stream: StreamId, chunk: ChunkIndex): Uint8Array | undefined;
  delete(stream: StreamId, chunk: ChunkIndex): void;
  /**
   * For stores that make chunks on demand: makes `get` bring this one for a while, then calls `done`; `isThere` is false
   * where it cannot be had any more. Never from inside the call. Stores without it hold what was put.
   */
  load?(stream: StreamId, chunk: ChunkIndex, done: (isThere: boolean) => void): void;
}
