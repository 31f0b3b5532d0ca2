/**
 * The first picture shows as soon as it is there; playback begins when enough follows. Where the seeder answers
 * within milliseconds that is the next moment. Where it takes seconds, because it is far away or because the machine has too much
 * to do, a start with half a second in hand would stop again at once.
 *
 * The element plays at rate 0 meanwhile: it has asked for permission to play, loads and shows its picture, and nothing
 * counts as a pause.
 */
import type { Cancel, Clock } from '#engine/ports';
import { isAheadBy } from './media-ahead.ts';

/** Pause between two looks at the buffer. */
const LOOK_MS = 25;
/** Longer than this nobody wants to look at a still, whatever comes after. */
const AT_MOST_MS = 4_000;

export interface StartHoldParts {
  readonly video: HTMLVideoElement;
  readonly clock: Clock;
  /** How much should be ahead by now, ms. */
  readonly supplyMs: () => number;
  /** Playback has begun, or was never held. */
  readonly onOver: () => void;
}

export class StartHold {
  readonly #parts: StartHoldParts;
  readonly #controller = new AbortController();
  #stopLooking: Cancel | undefined;
  #isHolding = false;

  constructor(parts: StartHoldParts) {
    this.#parts = parts;
    parts.video.addEventListener('loadeddata', () => this.#begin(), { once: true, signal: this.#controller.signal });
  }

  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Lets go. Idempotent. */
  close(): void {
    this.#controller.abort();
    this.#stopLooking?.();
    this.#release();
  }

  #begin(): void {
    const { video, clock, onOver } = this.#parts;
    if (this.#isSupplied()) {
      onOver();
      return;
    }
    this.#isHolding = true;
    video.playbackRate = 0;
    this.#look(clock.nowMs() + AT_MOST_MS);
  }

  #look(untilMs: number): void {
    const { clock, onOver } = this.#parts;
    this.#stopLooking = clock.after(LOOK_MS, () => {
      if (!this.#isSupplied() && clock.nowMs() < untilMs) {
        this.#look(untilMs);
        return;
      }
      this.#release();
      onOver();
    });
  }

  #isSupplied(): boolean {
    const { video, supplyMs } = this.#parts;
    return isAheadBy(video, supplyMs() / 1000);
  }

  #release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    // Somebody who chose another rate meanwhile keeps it.
    if (this.#parts.video.playbackRate === 0) this.#parts.video.playbackRate = 1;
  }
}
