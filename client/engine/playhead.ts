/**
 * Where playback is and when each chunk is due. Between two reports of the player it runs on by itself at the rate
 * last told; a jump against that is a seek, after which the first chunk is due at once.
 */
import type { Clock } from './ports.ts';
import type { Settings } from './settings.ts';

/** Distance from where playback should be that makes a report a seek, microseconds. */
const SEEK_US = 1_200_000;

/** A player that says nothing this long stands still: hidden pages report once a second at least. */
const MAX_SILENCE_MS = 1_200;

export class Playhead {
  readonly #clock: Clock;
  readonly #settings: Settings;
  #mediaUs = 0;
  #atMs: number;
  #rate = 0;
  #hasStarted = false;
  #isKnown = false;
  /** When playback was asked for: deadlines run from here until the first frame shows. */
  #wantedSinceMs: number;

  constructor(clock: Clock, settings: Settings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#atMs = clock.nowMs();
    this.#wantedSinceMs = this.#atMs;
  }

  /** Whether anybody said where playback is. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  get isPaused(): boolean {
    return this.#rate === 0 && this.#hasStarted;
  }

  /** Playback was asked for just now and nothing is seen yet. */
  get isStarting(): boolean {
    return !this.#hasStarted && this.#clock.nowMs() - this.#wantedSinceMs < this.#settings.firstFrameMs;
  }

  /** The first seconds after a start or seek. */
  get isSettling(): boolean {
    return this.#clock.nowMs() - this.#wantedSinceMs < this.#settings.settleMs;
  }

  get mediaUs(): number {
    const sinceMs = Math.min(this.#clock.nowMs() - this.#atMs, MAX_SILENCE_MS);
    return this.#mediaUs + (this.#hasStarted ? sinceMs * 1000 * this.#rate : 0);
  }

  /** Playback is wanted from now on. */
  start(): void {
    this.#wantedSinceMs = this.#clock.nowMs();
  }

  /** @returns whether this was a seek. */
  set(mediaUs: number, rate: number, hasStarted: boolean): boolean {
    const expectedUs = this.mediaUs;
    const isSeek = this.#isKnown && Math.abs(mediaUs - expectedUs) > SEEK_US;
    this.#mediaUs = mediaUs;
    this.#atMs = this.#clock.nowMs();
    this.#rate = rate;
    this.#hasStarted = hasStarted;
    this.#isKnown = true;
    if (isSeek) this.#wantedSinceMs = this.#atMs;
    return isSeek;
  }

  /** Milliseconds from now until media at `startUs` must be with the player. */
  slackMs(startUs: number): number {
    const aheadMs = (startUs - this.mediaUs) / 1000;
    if (!this.#hasStarted) {
      const waitedMs = this.#clock.nowMs() - this.#wantedSinceMs;
      // Where playback begins inside a chunk, what stands before that place is due before it.
      return aheadMs - Math.max(0, waitedMs - this.#settings.firstFrameMs);
    }
    const rate = this.#rate || 1;
    const marginMs = this.isSettling ? this.#settings.settlingMarginMs : this.#settings.readyMarginMs;
    return aheadMs / rate - marginMs + (this.isPaused ? this.#settings.pausedSlackMs : 0);
  }
}
