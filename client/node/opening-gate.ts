/**
 * Lets only so many WebRTC connections be dialled together in this process: with 50 at once ICE in @roamhq/wrtc timed out
 * on some, a few at a time never failed and took no longer in all.
 */
import type { OpeningGate } from '#browser/simple-peer-dialer';
import type { Cancel } from '#engine/ports';

/** Dials; with their answers in the same process that makes twice as many connections. */
const OPENING_AT_ONCE = 6;

export class ProcessGate implements OpeningGate {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(limit: number = OPENING_AT_ONCE) {
    this.#limit = limit;
  }

  enter(run: () => void): Cancel {
    let isInside = false;
    const begin = (): void => {
      isInside = true;
      this.#inside++;
      run();
    };
    if (this.#inside < this.#limit) begin();
    else this.#waiting.add(begin);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#waiting.delete(begin);
      if (!isInside) return;
      this.#inside--;
      const [next] = this.#waiting;
      if (next !== undefined) {
        this.#waiting.delete(next);
        next();
      }
    };
  }
}
