/**
 * How long a server takes to begin an answer, and how long it may well take: mean and deviation as in RFC 6298,
 * section 2. A server that is near and idle, seen from a machine that keeps up, answers within milliseconds; the same one
 * seen by the tenth page of a machine that does not takes seconds, and only its answers tell.
 */

/** Weights of a new answer in the mean and in the deviation; RFC 6298's alpha and beta. */
const MEAN_WEIGHT = 1 / 8;
const DEVIATION_WEIGHT = 1 / 4;
/** RFC 6298's K. */
const DEVIATIONS = 4;

export class AnswerTime {
  #meanMs: number;
  #deviationMs: number;
  #isMeasured = false;

  /** `meanMs` is believed until the first answer, and that it may be off by as much. */
  constructor(meanMs: number) {
    this.#meanMs = meanMs;
    this.#deviationMs = meanMs;
  }

  /** What an answer takes on average, ms. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** By when an answer has begun but for rare ones, ms after the question. */
  get boundMs(): number {
    return this.#meanMs + DEVIATIONS * this.#deviationMs;
  }

  /** An answer began `ms` after the question. */
  note(ms: number): void {
    if (this.#isMeasured) {
      this.#deviationMs += DEVIATION_WEIGHT * (Math.abs(ms - this.#meanMs) - this.#deviationMs);
      this.#meanMs += MEAN_WEIGHT * (ms - this.#meanMs);
    } else {
      this.#isMeasured = true;
      this.#meanMs = ms;
      this.#deviationMs = ms / 2;
    }
  }
}
