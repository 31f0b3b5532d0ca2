/**
 * Media time and chunk numbers of one stream, both ways. A film's are known whole from its signed description, a live
 * stream's as far as its records are.
 */
import type { StreamDescription } from '#protocol/description';
import type { ChunkIndex } from '#protocol/ids';
import type { StreamLog } from './stream-log.ts';

export interface ChunkTimes {
  readonly startUs: number;
  readonly durationUs: number;
}

export class Timeline {
  readonly #log: StreamLog;
  /** Starts of a film's chunks and, last, its end; null for live. */
  readonly #starts: Float64Array | null;

  constructor(stream: StreamDescription, log: StreamLog, kind: 'vod' | 'live') {
    this.#log = log;
    this.#starts = kind === 'vod' ? startsOf(stream.durationsUs) : null;
  }

  /** Last chunk there is now, or null. */
  get last(): ChunkIndex | null {
    if (!this.#starts) return this.#log.head;
    return this.#starts.length > 1 ? ((this.#starts.length - 2) as ChunkIndex) : null;
  }

  times(index: ChunkIndex): ChunkTimes | undefined {
    if (!this.#starts) return this.#log.record(index);
    const startUs = this.#starts[index];
    const endUs = this.#starts[index + 1];
    return startUs === undefined || endUs === undefined ? undefined : { startUs, durationUs: endUs - startUs };
  }

  /** The chunk that shows at `mediaUs`, the nearest one outside the range. */
  at(mediaUs: number): ChunkIndex | null {
    if (!this.#starts) return this.#log.at(mediaUs)?.index ?? null;
    let low = 0;
    let high = this.#starts.length - 2;
    if (high < 0) return null;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= mediaUs) low = middle;
      else high = middle - 1;
    }
    return low as ChunkIndex;
  }
}

function startsOf(durationsUs: readonly number[]): Float64Array {
  const starts = new Float64Array(durationsUs.length + 1);
  for (const [index, durationUs] of durationsUs.entries()) starts[index + 1] = starts[index]! + durationUs;
  return starts;
}
