/**
 * How late the host runs what it was asked to run: a page whose main thread is taken, a machine with too much to do. The
 * highest lateness seen, halved every two seconds; a moment's hiccup is no lag.
 */
import type { Clock } from './ports.ts';

const HALF_LIFE_MS = 2_000;
/** A long task of drawing or of starting a part: ordinary, and over. */
const ORDINARY_MS = 60;

export class LagMeter {
  readonly #clock: Clock;
  #ms = 0;
  #atMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds of lateness to reckon with, 0 on a host that keeps up. */
  get ms(): number {
    return Math.max(0, this.#faded - ORDINARY_MS);
  }

  /** Something due at `dueAtMs` runs now. */
  note(dueAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#ms = Math.max(this.#faded, nowMs - dueAtMs);
    this.#atMs = nowMs;
  }

  get #faded(): number {
    return this.#ms === 0 ? 0 : this.#ms * 2 ** ((this.#atMs - this.#clock.nowMs()) / HALF_LIFE_MS);
  }
}
