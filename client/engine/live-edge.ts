/**
 * Finds the edge of a live stream where nobody told: at the start, when the tracker is silent, when a neighbour is
 * ahead. In steady state the tracker brings each head and nothing is asked.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { LogKeeper } from './log-keeper.ts';
import type { Neighbour } from './neighbour.ts';
import type { Clock, Random } from './ports.ts';

export interface LiveEdgeOptions {
  readonly clock: Clock;
  readonly log: LogKeeper;
  readonly random: Random;
  readonly neighbours: () => Iterable<Neighbour>;
  /** Whether tracker or neighbours would tell of a new head. */
  readonly isTold: () => boolean;
}

/** Entries asked of the seeder when joining: what a viewer has ahead of it, and two more. */
const ENTRIES = 5;
/** Chunk durations without a new head before the seeder is asked, and up to one more by chance. */
const PATIENCE_CHUNKS = 1.5;
/**
 * Who has neither tracker nor neighbour hears nothing unasked: it asks when the next head is due, and again after this
 * part of a chunk until it is there.
 */
const AGAIN_CHUNKS = 0.25;

export class LiveEdge {
  readonly #options: LiveEdgeOptions;
  #learnedAtMs: number;
  /** Not everybody asks at once: the first to do so spares the others the question. */
  #impatience = 0.5;

  constructor(options: LiveEdgeOptions) {
    this.#options = options;
    this.#learnedAtMs = options.clock.nowMs();
  }

  /** A record became known. */
  onLearned(): void {
    this.#learnedAtMs = this.#options.clock.nowMs();
  }

  follow(streams: readonly StreamId[]): void {
    for (const stream of streams) this.#followOne(stream);
  }

  #followOne(stream: StreamId): void {
    const { log, clock, random } = this.#options;
    const known = log.get(stream);
    const head = known?.head ?? null;
    if (!known || head === null || known.consecutive().length < Math.min(ENTRIES - 1, head + 1)) {
      log.askNewest(stream, ENTRIES);
      return;
    }
    const newest = this.#newestMentioned(stream, head);
    if (newest > head) log.ensure(stream, head + 1, newest, false);
    const chunkMs = (known.record(head)?.durationUs ?? 2_000_000) / 1000;
    const nowMs = clock.nowMs();
    const isTold = this.#options.isTold();
    if (nowMs - this.#learnedAtMs <= chunkMs * (isTold ? PATIENCE_CHUNKS + this.#impatience : 1)) return;
    if (!log.askNewest(stream, ENTRIES)) return;
    this.#impatience = random.next();
    this.#learnedAtMs = nowMs - chunkMs * (isTold ? 1 : 1 - AGAIN_CHUNKS);
  }

  /** A neighbour can claim any number; no more than a few chunks of it are believed. */
  #newestMentioned(stream: StreamId, head: ChunkIndex): number {
    let newest: number = head;
    for (const neighbour of this.#options.neighbours()) newest = Math.max(newest, neighbour.streams.get(stream)?.newest ?? 0);
    return Math.min(newest, head + ENTRIES);
  }
}
