/**
 * The child's side of push: which neighbour sends which substream without being asked. A parent is sought when a piece
 * came on request, among the neighbours that had it first: that keeps the tree free of loops. Whoever fails twice is left. What a parent
 * should bring is not asked of others until it is late.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import type { MessageBody } from '#protocol/messages';
import { pushes } from './forwarder.ts';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { isHome, substreamOf, SUBSTREAMS } from './policy/substreams.ts';
import type { Clock } from './ports.ts';

export interface SubscriptionsOptions {
  readonly clock: Clock;
  /** Whether parents are looked for now. */
  readonly isEnabled: () => boolean;
  readonly neighbours: () => Iterable<Neighbour>;
  /** Whether this peer sends the neighbour that substream. */
  readonly isChild: (neighbour: Neighbour, stream: StreamId, substream: number) => boolean;
}

interface Parent {
  readonly neighbour: Neighbour;
  readonly stream: StreamId;
  readonly substream: number;
  /** First chunk it was asked to send. */
  readonly from: number;
  misses: number;
  missedChunk: number;
  /** How long after a chunk was heard of its pieces came, ms, and by how much that varies. */
  delayMs: number;
  deviationMs: number;
}

/** Chunks in a row that a parent may miss. */
const MISSES = 2;
/** Before anything is known of a parent: a few hops. */
const FIRST_DELAY_MS = 400;
const FIRST_DEVIATION_MS = 50;
/** As for TCP's retransmission timer (RFC 6298): smoothed delay and four deviations. */
const WEIGHT = 0.125;
const DEVIATIONS = 4;
/** A chunk due sooner than this after it would be urgent is asked for, whatever parents promise. */
const ASK_BEFORE_MS = 150;
/** A neighbour that does not pass the substream on to many has few places: only if it is this much sooner. */
const STRANGER_MS = 10_000;
/** What was sent before an end was heard of arrives within this. */
const CROSSING_MS = 5_000;
/** Whoever has no place is not asked for one again within this. */
const REFUSED_MS = 5_000;

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #parents = new Map<number, Parent>();
  /** Chunk for which this peer fed each substream last. */
  readonly #fed = new Map<number, ChunkIndex>();
  /** Until when pieces of a subscription that has ended may still come. */
  readonly #formerUntilMs = new WeakMap<Neighbour, number>();
  /** By neighbour: substreams it has no place for, and until when. */
  readonly #refused = new WeakMap<Neighbour, Map<number, number>>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Share of the stream that comes by itself, 0..1. */
  shareOf(stream: StreamId): number {
    let count = 0;
    for (const parent of this.#parents.values()) if (parent.stream === stream) count++;
    return count / SUBSTREAMS;
  }

  /** Whether the piece is on its way from a parent and not late yet. `spareMs`: until it becomes urgent. */
  expects(chunk: PendingChunk, piece: number, spareMs: number): boolean {
    const parent = this.#parentOf(chunk, piece);
    if (!parent || chunk.index < parent.from) return false;
    const lateMs = parent.delayMs + DEVIATIONS * parent.deviationMs + FIRST_DEVIATION_MS;
    if (spareMs > ASK_BEFORE_MS && this.#options.clock.nowMs() - chunk.firstSeenMs < lateMs) return true;
    this.#miss(parent, chunk.index);
    return false;
  }

  /** These pieces are asked of somebody else than the parents that should bring them: they need not send them. */
  forgo(chunk: PendingChunk, pieces: readonly number[], asked: Neighbour | null): void {
    for (const piece of pieces) {
      const parent = this.#parentOf(chunk, piece);
      if (!parent || parent.neighbour === asked || chunk.index < parent.from) continue;
      parent.neighbour.send({ name: 'cancel', stream: chunk.stream, chunk: chunk.index, first: piece, count: 1 });
    }
  }

  /** Whether this neighbour was asked to send such pieces by itself, lately: what crosses the end of a subscription is no fault. */
  covers(neighbour: Neighbour, stream: StreamId, chunk: ChunkIndex, piece: number, pieces: number): boolean {
    if ((this.#formerUntilMs.get(neighbour) ?? 0) > this.#options.clock.nowMs()) return true;
    const parent = pieces > 0 ? this.#parents.get(keyOf(stream, substreamOf(piece, pieces))) : undefined;
    return parent?.neighbour === neighbour && chunk >= parent.from;
  }

  /** A neighbour brought a piece that was missing. */
  onPiece(neighbour: Neighbour, chunk: PendingChunk, piece: number, wasAsked: boolean): void {
    if (!this.#options.isEnabled()) return;
    const parent = this.#parentOf(chunk, piece);
    if (parent?.neighbour === neighbour && !wasAsked) this.#learn(parent, chunk);
    else if (!parent && wasAsked) this.#seek(chunk, piece, true);
  }

  /** The seeder brought a piece: unless this peer feeds the substream, it should have had a parent. */
  onSeeder(chunk: PendingChunk, piece: number): void {
    if (!this.#options.isEnabled() || this.#parentOf(chunk, piece)) return;
    if (this.#fed.get(keyOf(chunk.stream, substreamOf(piece, chunk.pieces))) !== chunk.index) this.#seek(chunk, piece, false);
  }

  /** The neighbour will not send the substream, or no longer. */
  onUnsubscribe(neighbour: Neighbour, { stream, substream }: MessageBody<'unsubscribe'>): void {
    const key = keyOf(stream, substream);
    if (this.#parents.get(key)?.neighbour !== neighbour) return;
    this.#parents.delete(key);
    let refused = this.#refused.get(neighbour);
    if (!refused) this.#refused.set(neighbour, (refused = new Map<number, number>()));
    refused.set(key, this.#options.clock.nowMs() + REFUSED_MS);
  }

  /** This peer feeds the substream itself. */
  leave(chunk: PendingChunk, piece: number): void {
    const parent = this.#parentOf(chunk, piece);
    if (parent) this.#end(parent);
    this.#fed.set(keyOf(chunk.stream, substreamOf(piece, chunk.pieces)), chunk.index);
  }

  /** The neighbour is gone, or serves no longer. */
  drop(neighbour: Neighbour): void {
    for (const [key, parent] of this.#parents) if (parent.neighbour === neighbour) this.#parents.delete(key);
  }

  #parentOf(chunk: PendingChunk, piece: number): Parent | undefined {
    return this.#parents.size === 0 ? undefined : this.#parents.get(keyOf(chunk.stream, substreamOf(piece, chunk.pieces)));
  }

  /** Who passes the substream on to many, and answers soonest; `mustHold`: among those that have the piece already. */
  #seek(chunk: PendingChunk, piece: number, mustHold: boolean): void {
    const substream = substreamOf(piece, chunk.pieces);
    const key = keyOf(chunk.stream, substream);
    const nowMs = this.#options.clock.nowMs();
    let best: Neighbour | null = null;
    let bestMs = Infinity;
    for (const neighbour of this.#options.neighbours()) {
      if (neighbour.state !== 'active' || neighbour.isHost || neighbour.isChokedByThem || !pushes(neighbour) || neighbour.snubbedUntilMs > nowMs) continue;
      if (mustHold && !neighbour.streams.get(chunk.stream)?.holdsPiece(chunk.index, piece)) continue;
      if (this.#options.isChild(neighbour, chunk.stream, substream)) continue;
      if ((this.#refused.get(neighbour)?.get(key) ?? 0) > nowMs) continue;
      const ms = neighbour.expectedMs(PIECE_BYTES) + (isHome(neighbour.hash, substream) ? 0 : STRANGER_MS);
      if (ms >= bestMs) continue;
      best = neighbour;
      bestMs = ms;
    }
    if (best) this.#subscribe(best, chunk, substream);
  }

  #subscribe(neighbour: Neighbour, { stream, index }: PendingChunk, substream: number): void {
    const from = (index + 1) as ChunkIndex;
    this.#parents.set(keyOf(stream, substream), {
      neighbour,
      stream,
      substream,
      from,
      misses: 0,
      missedChunk: -1,
      delayMs: FIRST_DELAY_MS,
      deviationMs: FIRST_DEVIATION_MS,
    });
    neighbour.send({ name: 'subscribe', stream, substream, of: SUBSTREAMS, from });
  }

  #learn(parent: Parent, chunk: PendingChunk): void {
    const sampleMs = this.#options.clock.nowMs() - chunk.firstSeenMs;
    parent.misses = 0;
    parent.deviationMs += WEIGHT * 2 * (Math.abs(sampleMs - parent.delayMs) - parent.deviationMs);
    parent.delayMs += WEIGHT * (sampleMs - parent.delayMs);
  }

  #miss(parent: Parent, chunk: ChunkIndex): void {
    if (parent.missedChunk >= chunk) return;
    parent.missedChunk = chunk;
    parent.misses++;
    if (parent.misses >= MISSES) this.#end(parent);
  }

  #end(parent: Parent): void {
    this.#parents.delete(keyOf(parent.stream, parent.substream));
    this.#formerUntilMs.set(parent.neighbour, this.#options.clock.nowMs() + CROSSING_MS);
    parent.neighbour.send({ name: 'unsubscribe', stream: parent.stream, substream: parent.substream, of: SUBSTREAMS });
  }
}

const keyOf = (stream: StreamId, substream: number): number => stream * 256 + substream;
