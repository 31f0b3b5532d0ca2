/**
 * Which chunks a peer wants now and by when: what the player waits for, and what lies in reach of the playhead. Opens
 * them for fetching where record and hashes are known, and sees to it that these become known.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { ChunkLibrary } from './chunk-library.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { Playhead } from './playhead.ts';
import type { WantedChunk } from './policy/pick-pieces.ts';
import type { Policies } from './policy/policies.ts';
import type { Clock } from './ports.ts';
import type { Settings } from './settings.ts';
import type { Swarm } from './swarm.ts';
import type { Timeline } from './timeline.ts';

export interface WantedChunksOptions {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly role: 'viewer' | 'contributor' | 'host';
  readonly policies: Pick<Policies, 'pieceOrder'>;
  readonly library: ChunkLibrary;
  readonly log: LogKeeper;
  readonly swarm: Pick<Swarm, 'neighbours'>;
  readonly playhead: Playhead;
  readonly timelines: ReadonlyMap<StreamId, Timeline>;
  readonly streamsInUse: () => readonly StreamId[];
  /** Chunks the player waits for. */
  readonly requested: () => Iterable<{ readonly stream: StreamId; readonly chunk: ChunkIndex }>;
}

/** A chunk to fetch, with what the policies ask about it. */
export interface Target extends WantedChunk {
  readonly chunk: PendingChunk;
  readonly index: ChunkIndex;
  readonly slackMs: number;
  readonly aheadMs: number;
  copies: number;
}

/** What is left of a first chunk plays no longer than fetching the next one takes. */
export const SHORT_REST_MS = 300;

/** Records of this many chunks are asked of the seeder if need be; the others of neighbours first. */
const NEAR_CHUNKS = 2;

/** How much of a channel a contributor carries at most, in chunks: two hours of 2 s chunks. */
const CONTRIBUTOR_CHUNKS = 3_600;

export class WantedChunks {
  readonly #options: WantedChunksOptions;
  #targets: Target[] = [];
  /** Number of the gathering at hand; a chunk carries the last one that wanted it. */
  #turn = 0;

  constructor(options: WantedChunksOptions) {
    this.#options = options;
  }

  /** Whether the last gathering wanted the chunk. */
  has(chunk: PendingChunk): boolean {
    return chunk.wantedInTurn === this.#turn;
  }

  get count(): number {
    return this.#targets.length;
  }

  gather(): readonly Target[] {
    const { log, playhead, requested, streamsInUse } = this.#options;
    this.#targets = [];
    this.#turn++;
    for (const { stream, chunk } of requested()) {
      log.ensure(stream, chunk, chunk, true);
      this.#add(stream, chunk, chunk, true);
    }
    // Until a picture shows, what the player asked for is what it waits for, wherever it was expected to begin.
    if (!playhead.isStarting || this.#targets.length === 0) for (const stream of streamsInUse()) this.#addRange(stream);
    else for (const stream of streamsInUse()) this.#addFollowing(stream);
    this.#countCopies();
    return this.#targets;
  }

  /** Where playback begins near the end of a chunk the next one is part of the beginning. */
  #addFollowing(stream: StreamId): void {
    const { log, playhead, timelines } = this.#options;
    const timeline = timelines.get(stream);
    const first = playhead.isKnown ? (timeline?.at(playhead.mediaUs) ?? null) : null;
    const next = first === null ? undefined : timeline?.times((first + 1) as ChunkIndex);
    if (first === null || !next || next.startUs - playhead.mediaUs > SHORT_REST_MS * 1000) return;
    log.ensure(stream, first + 1, first + 1, true);
    this.#add(stream, first + 1, first + 1, false);
  }

  #addRange(stream: StreamId): void {
    const { log } = this.#options;
    const range = this.#range(stream);
    if (!range) return;
    const near = Math.min(range.first + NEAR_CHUNKS, range.last);
    log.ensure(stream, range.first, near, true);
    if (near < range.last) log.ensure(stream, near + 1, range.last, false);
    this.#add(stream, range.first, range.last, false);
  }

  /** First and last chunk in reach, from the playhead on; a contributor's reach is everything. */
  #range(stream: StreamId): { first: number; last: number } | null {
    const { timelines, playhead, role, settings } = this.#options;
    const timeline = timelines.get(stream);
    const last = timeline?.last ?? null;
    if (!timeline || last === null || role === 'host') return null;
    if (role === 'contributor') return { first: Math.max(0, last - CONTRIBUTOR_CHUNKS), last };
    if (!playhead.isKnown) return null;
    const first = timeline.at(playhead.mediaUs);
    if (first === null) return null;
    // Until a picture shows, what lies ahead only costs the time to look at it.
    if (playhead.isStarting) return { first, last: first };
    const end = timeline.at(playhead.mediaUs + settings.farWindowMs * 1000) ?? first;
    return { first, last: Math.min(last, end) };
  }

  #add(stream: StreamId, first: number, last: number, isAwaited: boolean): void {
    const { library, log, clock, timelines, playhead, role } = this.#options;
    const known = log.get(stream);
    const timeline = timelines.get(stream);
    if (!known || !timeline) return;
    const nowMs = clock.nowMs();
    const { mediaUs } = playhead;
    for (let at = first; at <= last; at++) {
      const index = at as ChunkIndex;
      if (library.isHeld(stream, index)) continue;
      const record = known.record(index);
      const hashes = known.hashes(index);
      const times = timeline.times(index);
      if (!record || !hashes || !times) continue;
      const chunk = library.open(record, hashes, nowMs);
      if (chunk.wantedInTurn === this.#turn) continue;
      chunk.wantedInTurn = this.#turn;
      // Where in it the player will begin only the player knows: unless it is where playback was said to begin, anywhere.
      // What it asks for after that has the time of what comes before.
      const isFirst = isAwaited && playhead.isStarting && !library.isHeld(stream, (index - 1) as ChunkIndex);
      const slackMs = isFirst && times.startUs !== mediaUs ? -record.durationUs / 1000 : playhead.slackMs(times.startUs);
      const isViewer = role === 'viewer';
      this.#targets.push({
        chunk,
        index,
        slackMs: isViewer ? slackMs : Infinity,
        aheadMs: isViewer ? (times.startUs - mediaUs) / 1000 : Infinity,
        copies: 0,
      });
    }
  }

  /** Counts only what the order of pieces looks at: copies of what has time, where there is something to order. */
  #countCopies(): void {
    const { policies, settings, swarm } = this.#options;
    if (policies.pieceOrder === 'deadline' || policies.pieceOrder === 'sequential') return;
    let unhurried = 0;
    for (const { slackMs } of this.#targets) if (slackMs > settings.urgentMs) unhurried++;
    if (unhurried < 2) return;
    for (const { streams } of swarm.neighbours.values()) {
      for (const target of this.#targets) if (target.slackMs > settings.urgentMs && streams.get(target.chunk.stream)?.holds(target.index)) target.copies++;
    }
  }
}
