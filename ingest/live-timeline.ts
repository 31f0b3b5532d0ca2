/**
 * The endless timeline of a live loop. Everything follows from the package, the channel's epoch and the clock: the same
 * chunk has the same index, times and bytes whenever it is asked for, so a restarted server goes on where it would have
 * been. Pure arithmetic; indexes count up over the rounds.
 */

export interface LoopChunk {
  readonly startUs: number;
  readonly durationUs: number;
}

/** One chunk of the endless timeline. */
export interface AiredChunk {
  readonly index: number;
  /** Which chunk of the package, and how often the package had been played before. */
  readonly position: number;
  readonly round: number;
  /** Since the channel's beginning. */
  readonly startUs: number;
  readonly durationUs: number;
  /** When the first sample is on air, ms since 1970. */
  readonly onAirMs: number;
}

export class LiveTimeline {
  readonly loopUs: number;
  readonly #chunks: readonly LoopChunk[];
  readonly #epochMs: number;

  /** @param epochMs when chunk 0 went on air. @throws RangeError without chunks. */
  constructor(chunks: readonly LoopChunk[], epochMs: number) {
    const last = chunks.at(-1);
    if (!last) throw new RangeError('a loop needs a chunk');
    this.#chunks = chunks;
    this.#epochMs = epochMs;
    this.loopUs = last.startUs + last.durationUs;
  }

  at(index: number): AiredChunk {
    const round = Math.floor(index / this.#chunks.length);
    const position = index - round * this.#chunks.length;
    const chunk = this.#chunks[position]!;
    const startUs = round * this.loopUs + chunk.startUs;
    return { index, position, round, startUs, durationUs: chunk.durationUs, onAirMs: Math.round(this.#epochMs + startUs / 1000) };
  }

  /** When a chunk is complete and can be published: its last sample is on air then. Ms since 1970. */
  publishedMs(index: number): number {
    const { startUs, durationUs } = this.at(index);
    return this.#epochMs + (startUs + durationUs) / 1000;
  }

  /** Newest chunk that is complete at that moment; -1 before the first one is. */
  newestAt(nowMs: number): number {
    const aired = (nowMs - this.#epochMs) * 1000;
    if (aired < 0) return -1;
    const round = Math.floor(aired / this.loopUs);
    let index = round * this.#chunks.length - 1;
    // At most one round of additions; a package has thousands of chunks at the very most.
    while (this.publishedMs(index + 1) <= nowMs) index++;
    return index;
  }
}

/** Time that stays available behind the head, and so how far a viewer can fall behind or seek back. */
const WINDOW_US = 60_000_000;
/** Live players start three target durations behind the end (RFC 8216, section 6.3.3) and want some more behind that. */
const FEWEST_CHUNKS = 8;
const MOST_CHUNKS = 120;

/** Chunks of a live channel's window. */
export function windowChunks(chunks: readonly LoopChunk[]): number {
  const averageUs = chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0) / chunks.length;
  return Math.min(MOST_CHUNKS, Math.max(FEWEST_CHUNKS, Math.ceil(WINDOW_US / averageUs)));
}

/**
 * How long a new live channel is taken to have been on air already, ms: a third of its window, so that its first viewer
 * finds enough chunks to start at once.
 */
export function prerollMs(chunks: readonly LoopChunk[]): number {
  const averageUs = chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0) / chunks.length;
  const longestUs = chunks.reduce((longest, chunk) => Math.max(longest, chunk.durationUs), 0);
  return Math.max((windowChunks(chunks) / 3) * averageUs, 4 * longestUs) / 1000;
}
