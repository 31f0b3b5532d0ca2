/**
 * Where playback is and when each chunk is due. Between two reports of the player it runs on by itself at the rate
 * last told; a jump against that is a seek, after which the first chunk is due at once.
 */
import type { Clock } from './ports.ts';
import type { Settings } from './settings.ts';

/** Distance from where playback should be that makes a report a seek, microseconds. */
const SEEK_US = 1_200_000;

/** A player that says nothing this long has stopped: hidden pages report once a second at least. */
const MAX_SILENCE_MS = 3_000;

export class Playhead {
  readonly #clock: Clock;
  readonly #settings: Settings;
  #mediaUs = 0;
  #atMs: number;
  #rate = 0;
  #hasStarted = false;
  #isKnown = false;
  /** Until then the first chunk after a start or seek may wait for peers. */
  #patienceUntilMs = 0;

  constructor(clock: Clock, settings: Settings) {
    this.#clock = clock;
    this.#settings = settings;
    this.#atMs = clock.nowMs();
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

  /** Milliseconds that a first chunk may still wait for peers. */
  get patienceMs(): number {
    return Math.max(0, this.#patienceUntilMs - this.#clock.nowMs());
  }

  get mediaUs(): number {
    const sinceMs = Math.min(this.#clock.nowMs() - this.#atMs, MAX_SILENCE_MS);
    return this.#mediaUs + (this.#hasStarted ? sinceMs * 1000 * this.#rate : 0);
  }

  /** Patience for the first chunk begins (or, at 0, ends) now. */
  setPatience(ms: number): void {
    this.#patienceUntilMs = this.#clock.nowMs() + ms;
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
    return isSeek;
  }

  /** Milliseconds from now until media at `startUs` must be with the player. */
  slackMs(startUs: number): number {
    const aheadMs = (startUs - this.mediaUs) / 1000;
    if (!this.#hasStarted) return this.patienceMs + Math.max(0, aheadMs);
    const rate = this.#rate || 1;
    return aheadMs / rate - this.#settings.readyMarginMs + (this.isPaused ? this.#settings.pausedSlackMs : 0);
  }
}
