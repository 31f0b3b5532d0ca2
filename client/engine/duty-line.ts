/**
 * The line at the seeder as one peer sees it: which neighbours want a chunk too, and run by run whose turn it is
 * (policy/origin-rank.ts). One object serves chunk after chunk, and nothing is computed before somebody asks for it.
 */
import { FEATURE } from '#protocol/messages';
import type { PendingChunk } from './pending-chunk.ts';
import { dutyTurnMs, isFeeder, originPlace, Standing, type DutyLine, type DutyPolicy, type DutyTime } from './policy/origin-rank.ts';
import { epochOf } from './policy/substreams.ts';
import type { Source } from './source.ts';
import type { ChunkTimes, Timeline } from './timeline.ts';

/** How far a neighbour's playhead may be from what it last said; nearer than that is the same place. */
const PLAYHEAD_ERROR_CHUNKS = 1;

/** News of a playhead may be half a second old, news of a fetched run too; the fetch itself comes on top. */
const WINDOW_LEAD_MS = 800;

/** Nobody waits longer than two turns for its first frame. */
const LAST_STARTUP_RANK = 2;

export class DutyLineOfPeer implements DutyLine, DutyTime {
  readonly self: number;
  readonly rivals: number[] = [];
  before = 0;
  unseen = 0;
  chunk = 0;
  run = -1;
  substream: number | null = null;
  waitedMs = 0;
  spareMs = 0;
  delayMs = 0;
  /** Pause between two turns at the first chunk of a viewer, ms; null once it plays. */
  startupDelayMs: number | null = null;
  readonly #policy: DutyPolicy;
  #standing: Standing | null = null;
  #turnMs: number | null = null;

  constructor(self: number, policy: DutyPolicy) {
    this.self = self;
    this.#policy = policy;
  }

  /**
   * Finds who wants the chunk too: serving, without it, and with it in their window, now or before the first turn ends.
   * `rivals` are those at about the same place, `before` counts those clearly ahead, whose turn it is first; those
   * behind do not count, since their window reaches the chunk later. The sources must be looking at the chunk.
   */
  gather({ index, record }: PendingChunk, sources: readonly Source[], here: { readonly timeline: Timeline | undefined; readonly mediaUs: number; readonly nowMs: number }, windowMs: number): void {
    const { timeline, mediaUs, nowMs } = here;
    const own = timeline?.at(mediaUs) ?? 0;
    const edgeUs = record.startUs - windowMs * 1000;
    this.rivals.length = 0;
    this.before = 0;
    for (const { remote, holdsWhole, neighbour } of sources) {
      const playhead = remote?.playhead ?? null;
      if (!remote || playhead === null || holdsWhole || (neighbour.features & FEATURE.uploads) === 0) continue;
      if (index < playhead || playhead < own - PLAYHEAD_ERROR_CHUNKS) continue;
      const times = timeline?.times(playhead);
      if (times && latestPlayheadUs(times, remote.enteredAtMs, nowMs) < edgeUs) continue;
      if (playhead > own + PLAYHEAD_ERROR_CHUNKS) this.before++;
      else this.rivals.push(neighbour.hash);
    }
  }

  /** Turns to a run of pieces; where the stream is pushed, that is a substream. */
  turnTo(chunk: PendingChunk, run: number, isPushed: boolean): void {
    this.chunk = isPushed ? epochOf(chunk.index) : chunk.index;
    this.run = run;
    this.substream = isPushed ? run : null;
    this.#standing = null;
    this.#turnMs = null;
  }

  /** Place in line for the run, 0 first. */
  get place(): number {
    return originPlace(this, this.#stand());
  }

  /** Whether this peer is one of those who feed the run to a large swarm. */
  get isFed(): boolean {
    return isFeeder(this, this.#stand());
  }

  /** Milliseconds until it is this peer's turn; 0 or less is now. */
  get turnMs(): number {
    return (this.#turnMs ??=
      this.startupDelayMs === null
        ? dutyTurnMs(this.#policy, this, this.#stand())
        : Math.min(this.place, LAST_STARTUP_RANK) * this.startupDelayMs - this.waitedMs);
  }

  #stand(): Standing {
    return (this.#standing ??= new Standing(this));
  }
}

/**
 * Where a neighbour's playhead is at most, and soon, microseconds. It is told in whole chunks: anywhere in the chunk, if
 * it was not heard to enter it; else as far as the time since then. Of one whose window opens later than in WINDOW_LEAD_MS
 * there is no need to think: what is fetched now it will have heard of by then.
 */
function latestPlayheadUs(chunk: ChunkTimes, enteredAtMs: number | null, nowMs: number): number {
  const intoUs = enteredAtMs === null ? chunk.durationUs : Math.min(chunk.durationUs, (nowMs - enteredAtMs) * 1000);
  return chunk.startUs + intoUs + WINDOW_LEAD_MS * 1000;
}
