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
import { distanceClass } from './policy/distance.ts';
import { nearerParent } from './policy/nearer-parent.ts';
import { isHome, substreamOf, SUBSTREAMS } from './policy/substreams.ts';
import type { Clock } from './ports.ts';

export interface SubscriptionsOptions {
  readonly clock: Clock;
  /** Whether parents are looked for now. */
  readonly isEnabled: () => boolean;
  /** Whether near parents are preferred. */
  readonly isByDistance: boolean;
  readonly neighbours: () => Iterable<Neighbour>;
  /** Whether this peer sends the neighbour that substream. */
  readonly isChild: (neighbour: Neighbour, stream: StreamId, substream: number) => boolean;
  /** Whether it sends anybody that substream. */
  readonly hasChildren: (stream: StreamId, substream: number) => boolean;
  /** The newest chunk heard of. */
  readonly headOf: (stream: StreamId) => ChunkIndex | null;
}

interface Parent {
  readonly neighbour: Neighbour;
  readonly stream: StreamId;
  readonly substream: number;
  /** First chunk it was asked to send. */
  readonly from: number;
  /** Who takes over from its first chunk on, if it has a place. */
  successor: Parent | null;
  /** From whom it took over: what comes of the chunks before is that one's. */
  former: Parent | null;
  misses: number;
  missedChunk: number;
  /** Newest chunk that it sent something of. */
  learnedOf: number;
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
/** A parent twice as far must be this much sooner. */
const DISTANCE_MS = 1_000;
/** What was sent before an end was heard of arrives within this. */
const CROSSING_MS = 5_000;
/** Whoever has no place is not asked for one again within this. */
const REFUSED_MS = 5_000;
/** The same where there is a parent, only a farther one. */
const NO_NEARER_MS = 60_000;

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
    const parent = pieces > 0 ? this.#parentAt(keyOf(stream, substreamOf(piece, pieces)), chunk) : undefined;
    return parent?.neighbour === neighbour && chunk >= parent.from;
  }

  /** A neighbour brought a piece that was missing. */
  onPiece(neighbour: Neighbour, chunk: PendingChunk, piece: number, wasAsked: boolean): void {
    if (!this.#options.isEnabled()) return;
    const parent = this.#parentOf(chunk, piece);
    if (parent?.neighbour === neighbour && !wasAsked) this.#learn(parent, chunk, piece);
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
    const parent = this.#parents.get(key);
    const wasNext = parent?.successor?.neighbour === neighbour;
    if (!parent || (!wasNext && parent.neighbour !== neighbour)) return;
    if (wasNext) parent.successor = null;
    else this.#lose(key, parent);
    let refused = this.#refused.get(neighbour);
    if (!refused) this.#refused.set(neighbour, (refused = new Map<number, number>()));
    refused.set(key, this.#options.clock.nowMs() + (wasNext ? NO_NEARER_MS : REFUSED_MS));
  }

  /** This peer feeds the substream itself. */
  leave(chunk: PendingChunk, piece: number): void {
    const parent = this.#parentOf(chunk, piece);
    if (parent) this.#end(parent);
    this.#fed.set(keyOf(chunk.stream, substreamOf(piece, chunk.pieces)), chunk.index);
  }

  /** The neighbour is gone, or serves no longer. */
  drop(neighbour: Neighbour): void {
    for (const [key, parent] of this.#parents) {
      if (parent.successor?.neighbour === neighbour) parent.successor = null;
      if (parent.neighbour === neighbour) this.#lose(key, parent);
    }
  }

  /** It sends no longer: whoever was to take over later is the parent now. */
  #lose(key: number, { successor }: Parent): void {
    if (successor) this.#parents.set(key, successor);
    else this.#parents.delete(key);
  }

  #parentOf({ stream, index, pieces }: PendingChunk, piece: number): Parent | undefined {
    return this.#parents.size === 0 ? undefined : this.#parentAt(keyOf(stream, substreamOf(piece, pieces)), index);
  }

  /** The parent as of that chunk; a successor takes over here. */
  #parentAt(key: number, index: ChunkIndex): Parent | undefined {
    const parent = this.#parents.get(key);
    if (parent?.successor && index >= parent.successor.from) {
      const { successor } = parent;
      parent.successor = null;
      this.#end(parent);
      successor.former = parent;
      this.#parents.set(key, successor);
      return successor;
    }
    return parent?.former && index < parent.from ? parent.former : parent;
  }

  /**
   * Lets a clearly nearer neighbour take over from the parent that brought the piece, from the next chunk on that nobody
   * has heard of. One that is below this peer in the tree must not: where there is a tree below, it must have had the
   * piece first.
   */
  #bringNearer(parent: Parent, chunk: PendingChunk, piece: number): void {
    const { stream, substream, neighbour: { distanceMs: parentMs } } = parent;
    if (parent.successor || parentMs === null || this.#parents.get(keyOf(stream, substream)) !== parent) return;
    const mustHold = this.#options.hasChildren(stream, substream);
    const offers = [];
    for (const neighbour of this.#options.neighbours()) {
      const { peer, hash, distanceMs } = neighbour;
      if (distanceMs === null || !this.#maySend(neighbour, stream, substream)) continue;
      if (mustHold && !neighbour.streams.get(stream)?.holdsPiece(chunk.index, piece)) continue;
      offers.push({ peer, distanceMs, isHome: isHome(hash, substream), neighbour });
    }
    const nearer = nearerParent(offers, parentMs);
    const from = ((this.#options.headOf(stream) ?? chunk.index) + 1) as ChunkIndex;
    if (nearer) parent.successor = this.#subscribe(nearer.neighbour, stream, substream, from);
  }

  #maySend(neighbour: Neighbour, stream: StreamId, substream: number): boolean {
    const nowMs = this.#options.clock.nowMs();
    if (neighbour.state !== 'active' || neighbour.isHost || neighbour.isChokedByThem || !pushes(neighbour) || neighbour.snubbedUntilMs > nowMs) return false;
    return !this.#options.isChild(neighbour, stream, substream) && (this.#refused.get(neighbour)?.get(keyOf(stream, substream)) ?? 0) <= nowMs;
  }

  /** Who passes the substream on to many, and answers soonest; `mustHold`: among those that have the piece already. */
  #seek(chunk: PendingChunk, piece: number, mustHold: boolean): void {
    const substream = substreamOf(piece, chunk.pieces);
    let best: Neighbour | null = null;
    let bestMs = Infinity;
    for (const neighbour of this.#options.neighbours()) {
      if (!this.#maySend(neighbour, chunk.stream, substream)) continue;
      if (mustHold && !neighbour.streams.get(chunk.stream)?.holdsPiece(chunk.index, piece)) continue;
      const distanceMs = this.#options.isByDistance ? DISTANCE_MS * distanceClass(neighbour.distanceMs) : 0;
      const ms = neighbour.expectedMs(PIECE_BYTES) + distanceMs + (isHome(neighbour.hash, substream) ? 0 : STRANGER_MS);
      if (ms >= bestMs) continue;
      best = neighbour;
      bestMs = ms;
    }
    if (best) this.#parents.set(keyOf(chunk.stream, substream), this.#subscribe(best, chunk.stream, substream, (chunk.index + 1) as ChunkIndex));
  }

  #subscribe(neighbour: Neighbour, stream: StreamId, substream: number, from: ChunkIndex): Parent {
    neighbour.send({ name: 'subscribe', stream, substream, of: SUBSTREAMS, from });
    return {
      neighbour,
      stream,
      substream,
      from,
      successor: null,
      former: null,
      misses: 0,
      missedChunk: -1,
      learnedOf: -1,
      delayMs: FIRST_DELAY_MS,
      deviationMs: FIRST_DEVIATION_MS,
    };
  }

  #learn(parent: Parent, chunk: PendingChunk, piece: number): void {
    const sampleMs = this.#options.clock.nowMs() - chunk.firstSeenMs;
    parent.former = null;
    parent.misses = 0;
    parent.deviationMs += WEIGHT * 2 * (Math.abs(sampleMs - parent.delayMs) - parent.deviationMs);
    parent.delayMs += WEIGHT * (sampleMs - parent.delayMs);
    if (!this.#options.isByDistance || parent.learnedOf >= chunk.index) return;
    parent.learnedOf = chunk.index;
    this.#bringNearer(parent, chunk, piece);
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
    const { stream, substream } = parent;
    for (const sender of parent.successor ? [parent, parent.successor] : [parent]) {
      sender.neighbour.send({ name: 'unsubscribe', stream, substream, of: SUBSTREAMS });
    }
  }
}

const keyOf = (stream: StreamId, substream: number): number => stream * 256 + substream;
