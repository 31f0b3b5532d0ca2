/**
 * Tells neighbours what this peer holds: the whole buffer map once, then changes gathered for a moment, and the pieces
 * of chunks in progress to those who lack some of them. What a neighbour holds itself, and where playback is, waits for
 * other news: in a swarm of hundreds two messages in three told nobody anything. Says nothing while this peer does not serve.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { Bitfield } from '#protocol/bitfield';
import { MAX_BUFFER_MAP_CHUNKS, MAX_HAVES_PER_MESSAGE } from '#protocol/limits';
import { encode, NO_CHUNK } from '#protocol/messages';
import type { ChunkLibrary } from './chunk-library.ts';
import { chunkKey } from './keys.ts';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { Cancel, Clock } from './ports.ts';
import type { RemoteStream } from './remote-stream.ts';
import type { Settings } from './settings.ts';

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly library: ChunkLibrary;
  readonly neighbours: () => Iterable<Neighbour>;
  readonly streamsInUse: () => readonly StreamId[];
  readonly playhead: (stream: StreamId) => ChunkIndex | null;
  /** For how long the chunk's pieces need not be told, since they travel without being asked for, ms; 0 is tell now. */
  readonly quietMs: (chunk: PendingChunk) => number;
}

/** What has changed of one stream since the last round. */
interface Changes {
  readonly held: Set<ChunkIndex>;
  readonly dropped: Set<ChunkIndex>;
}

/** What is said to several neighbours alike in one round, encoded: nearly all of it is. */
type Said = Map<Changes | PendingChunk, readonly Uint8Array[]>;

/** News that nobody waits for (of what the neighbour holds itself, of the playhead) goes with the next news, or after this. */
const LAZY_MS = 500;

export class Announcer {
  readonly #options: AnnouncerOptions;
  /** Changes since the last round, by stream. */
  #changes = new Map<StreamId, Changes>();
  readonly #inProgress = new Map<number, PendingChunk>();
  #timer: Cancel | null = null;
  #lazyTimer: Cancel | null = null;
  #lazyAtMs = 0;
  #sentAtMs = -Infinity;
  isEnabled = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  onHeld(stream: StreamId, chunk: ChunkIndex): void {
    this.#inProgress.delete(chunkKey(stream, chunk));
    const changes = this.#of(stream);
    changes.dropped.delete(chunk);
    changes.held.add(chunk);
    this.#soon();
  }

  onDropped(stream: StreamId, chunk: ChunkIndex): void {
    const changes = this.#of(stream);
    if (!changes.held.delete(chunk)) changes.dropped.add(chunk);
    this.#soon();
  }

  onPiece(chunk: PendingChunk): void {
    this.#inProgress.set(chunkKey(chunk.stream, chunk.index), chunk);
    if (!this.isEnabled) return;
    const quietMs = this.#options.quietMs(chunk);
    if (quietMs > 0) this.#later(quietMs);
    else this.#soon();
  }

  onPlayhead(stream: StreamId): void {
    this.#of(stream);
    this.#soon();
  }

  /** The whole map of each stream, to one neighbour. */
  greet(neighbour: Neighbour): void {
    if (!this.isEnabled) return;
    // An empty map speaks too: of the playhead, and of having nothing yet.
    const byStream = new Map<StreamId, ChunkIndex[]>(this.#options.streamsInUse().map((stream) => [stream, []]));
    for (const { stream, index } of this.#options.library.held.values()) {
      const list = byStream.get(stream);
      if (list) list.push(index);
      else byStream.set(stream, [index]);
    }
    for (const [stream, held] of byStream) this.#sendMap(neighbour, stream, held);
    for (const pending of this.#options.library.pending.values()) this.#sendPieces(neighbour, pending, new Map());
  }

  /** Takes everything back: this peer serves no longer. */
  retract(neighbour: Neighbour): void {
    const streams = new Set([...this.#options.library.held.values()].map((held) => held.stream));
    for (const stream of streams) this.#sendMap(neighbour, stream, []);
  }

  close(): void {
    this.#timer?.();
    this.#lazyTimer?.();
    this.#timer = null;
    this.#lazyTimer = null;
    this.isEnabled = false;
  }

  #of(stream: StreamId): Changes {
    let changes = this.#changes.get(stream);
    if (!changes) this.#changes.set(stream, (changes = { held: new Set(), dropped: new Set() }));
    return changes;
  }

  /** The first change after a quiet time goes at once: that is what the next peer in line waits for. */
  #soon(): void {
    if (this.#timer || !this.isEnabled) return;
    const { clock, settings } = this.#options;
    const waitMs = this.#sentAtMs + settings.announceMs - clock.nowMs();
    if (waitMs <= 0) {
      this.#send();
      return;
    }
    this.#timer = clock.after(waitMs, () => {
      this.#timer = null;
      this.#send();
    });
  }

  #send(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#sentAtMs = nowMs;
    const changes = this.#changes;
    this.#changes = new Map();
    let laterMs = Infinity;
    const inProgress: PendingChunk[] = [];
    for (const [key, pending] of this.#inProgress) {
      const quietMs = pending.isComplete ? 0 : this.#options.quietMs(pending);
      if (quietMs > 0) {
        laterMs = Math.min(laterMs, quietMs);
        continue;
      }
      this.#inProgress.delete(key);
      if (!pending.isComplete) inProgress.push(pending);
    }
    const said: Said = new Map();
    for (const neighbour of this.#options.neighbours()) {
      if (neighbour.state !== 'active') continue;
      this.#tell(neighbour, changes, said, nowMs);
      if (neighbour.unsaid.size > 0) laterMs = Math.min(laterMs, LAZY_MS);
      for (const pending of inProgress) this.#sendPieces(neighbour, pending, said);
    }
    if (laterMs < Infinity) this.#later(laterMs);
  }

  /** Somebody was spared some news: it goes out when it is old enough. */
  #later(ms: number): void {
    const atMs = this.#options.clock.nowMs() + ms;
    if (this.#lazyTimer && this.#lazyAtMs <= atMs) return;
    this.#lazyTimer?.();
    this.#lazyAtMs = atMs;
    this.#lazyTimer = this.#options.clock.after(ms, () => {
      this.#lazyTimer = null;
      if (this.isEnabled) this.#send();
    });
  }

  /** Says what this neighbour waits for, and with it everything else; the rest waits until it is old. */
  #tell(neighbour: Neighbour, changes: ReadonlyMap<StreamId, Changes>, said: Said, nowMs: number): void {
    const { unsaid, streams } = neighbour;
    for (const [stream, change] of changes) {
      const news = unsaid.get(stream);
      if (news) addTo(news, change);
      // Most news is told at once, and needs no copy of its own.
      else if (isNeeded(change.held, streams.get(stream))) sendAll(neighbour, once(said, change, () => this.#haves(stream, change)));
      else unsaid.set(stream, { held: new Set(change.held), dropped: new Set(change.dropped), sinceMs: nowMs });
    }
    for (const [stream, news] of unsaid) {
      if (nowMs - news.sinceMs < LAZY_MS && !isNeeded(news.held, streams.get(stream))) continue;
      unsaid.delete(stream);
      sendAll(neighbour, this.#haves(stream, news));
    }
  }

  #haves(stream: StreamId, changes: Changes): Uint8Array[] {
    const held = [...changes.held];
    const dropped = [...changes.dropped];
    const playhead = this.#playhead(stream);
    const messages = Math.max(1, Math.ceil(Math.max(held.length, dropped.length) / MAX_HAVES_PER_MESSAGE));
    return Array.from({ length: messages }, (_, part) => {
      const from = part * MAX_HAVES_PER_MESSAGE;
      const end = from + MAX_HAVES_PER_MESSAGE;
      return encode({ name: 'have', stream, playhead, held: held.slice(from, end), dropped: dropped.slice(from, end) });
    });
  }

  /** Pieces of a chunk in progress, to a neighbour that lacks some of them. */
  #sendPieces(neighbour: Neighbour, pending: PendingChunk, said: Said): void {
    const { stream, index: chunk, verified } = pending;
    if (verified.count === 0 || (neighbour.streams.get(stream)?.holdsAll(chunk, verified) ?? false)) return;
    sendAll(neighbour, once(said, pending, () => [encode({ name: 'havePieces', stream, chunk, bits: verified.bytes })]));
  }

  #sendMap(neighbour: Neighbour, stream: StreamId, held: readonly ChunkIndex[]): void {
    const newest = Math.max(0, ...held);
    const offset = Math.max(Math.min(newest, ...held), newest - MAX_BUFFER_MAP_CHUNKS + 1) as ChunkIndex;
    const bits = new Bitfield(held.length === 0 ? 0 : newest - offset + 1);
    for (const index of held) bits.set(index - offset);
    neighbour.send({ name: 'bufferMap', stream, playhead: this.#playhead(stream), offset, length: bits.length, bits: bits.bytes });
  }

  #playhead(stream: StreamId): ChunkIndex {
    return this.#options.playhead(stream) ?? NO_CHUNK;
  }
}

function once(said: Said, what: Changes | PendingChunk, encodeIt: () => readonly Uint8Array[]): readonly Uint8Array[] {
  let messages = said.get(what);
  if (!messages) said.set(what, (messages = encodeIt()));
  return messages;
}

function sendAll(neighbour: Neighbour, messages: readonly Uint8Array[]): void {
  for (const bytes of messages) neighbour.sendEncoded(bytes);
}

/** Whether a neighbour lacks something of what is held. */
function isNeeded(held: ReadonlySet<ChunkIndex>, remote: RemoteStream | undefined): boolean {
  for (const chunk of held) if (!(remote?.holds(chunk) ?? false)) return true;
  return false;
}

function addTo(news: Changes, { held, dropped }: Changes): void {
  for (const chunk of dropped) if (!news.held.delete(chunk)) news.dropped.add(chunk);
  for (const chunk of held) {
    news.dropped.delete(chunk);
    news.held.add(chunk);
  }
}
