/**
 * How far behind what is on air a viewer of a channel with a host of its own plays. The host says how far it means
 * (`liveDelayMs`); the way from there to here may be slower than it thought. What is measured moves the viewer back: how
 * late chunks are announced here, and every stall. It comes nearer again when all has been calm for a while. Time comes
 * in as a number; nothing here waits.
 */

/** Announcements looked back on: 16 s to half a minute. */
const LOOK_BACK = 16;
/** A chunk is played this long after it was announced at the worst, ms: its pieces still have their way through the swarm. */
const AFTER_ANNOUNCED_MS = 600;
/** What a stall moves a viewer back, and what all of them together may, in chunks. */
const STALL_CHUNKS = 0.25;
const MOST_STALL_CHUNKS = 2;
/** After this long without a stall one of them is forgiven. */
const CALM_MS = 60_000;
/** Later than this many chunks says that the clocks disagree, or that the host was away: no jitter. */
const MOST_LATE_CHUNKS = 2;

export interface LiveMarginParts {
  readonly chunkMs: number;
  /** As the host wants it. */
  readonly delayMs: number;
}

export class LiveMargin {
  readonly #parts: LiveMarginParts;
  readonly #lateMs: number[] = [];
  #stalls = 0;
  #calmSinceMs = 0;

  constructor(parts: LiveMarginParts) {
    this.#parts = parts;
  }

  /** A chunk was announced here. @param lateMs since its last moment was on air, by the host's clock */
  announced(lateMs: number): void {
    if (lateMs < 0 || lateMs > MOST_LATE_CHUNKS * this.#parts.chunkMs) return;
    this.#lateMs.push(lateMs);
    if (this.#lateMs.length > LOOK_BACK) this.#lateMs.shift();
  }

  /** Playback stood still. */
  stalled(nowMs: number): void {
    this.#stalls = Math.min(this.#stalls + 1, MOST_STALL_CHUNKS / STALL_CHUNKS);
    this.#calmSinceMs = nowMs;
  }

  /** Milliseconds behind what is on air at which the viewer should play now. */
  targetMs(nowMs: number): number {
    if (this.#stalls > 0 && nowMs - this.#calmSinceMs > CALM_MS) {
      this.#stalls--;
      this.#calmSinceMs = nowMs;
    }
    const { chunkMs, delayMs } = this.#parts;
    const neededMs = chunkMs + Math.max(0, ...this.#lateMs) + AFTER_ANNOUNCED_MS;
    return Math.max(delayMs, neededMs) + this.#stalls * STALL_CHUNKS * chunkMs;
  }
}
