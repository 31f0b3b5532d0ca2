/**
 * Two ways to measure bytes a second: over a sliding window, for people; and over the time a source was really busy,
 * for predictions. A source that is not asked is not slow.
 */

/** Bytes over the last `windowMs`, kept in a few buckets. */
export class RateMeter {
  readonly #bucketMs: number;
  readonly #buckets: Float64Array;
  #newest = 0;

  constructor(windowMs = 5_000, buckets = 10) {
    this.#bucketMs = windowMs / buckets;
    this.#buckets = new Float64Array(buckets);
  }

  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#buckets[this.#newest % this.#buckets.length]! += bytes;
  }

  /** Bytes a second over the window. */
  rate(nowMs: number): number {
    this.#advance(nowMs);
    let sum = 0;
    for (const bytes of this.#buckets) sum += bytes;
    return (sum * 1000) / (this.#bucketMs * this.#buckets.length);
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    const steps = Math.min(bucket - this.#newest, this.#buckets.length);
    for (let step = 1; step <= steps; step++) this.#buckets[(this.#newest + step) % this.#buckets.length] = 0;
    if (steps > 0) {
      // After a long pause every bucket was cleared, whichever they were.
      this.#newest = bucket;
      if (steps === this.#buckets.length) this.#buckets.fill(0);
    }
  }
}

/** Smallest busy time that makes a sample: arrivals come in bursts, and clocks in steps. */
const SAMPLE_MS = 60;
/** Weight of a new sample; three or four samples follow a change of path. */
const WEIGHT = 0.3;

/** What a source delivers while it has something to deliver, bytes a second. */
export class ServiceRate {
  #bytesPerSecond: number;
  #busySinceMs: number | null = null;
  #bytes = 0;
  #isMeasured = false;

  constructor(initialBytesPerSecond: number) {
    this.#bytesPerSecond = initialBytesPerSecond;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** Whether anything was measured yet. */
  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  /** Something was asked for. */
  onAsked(nowMs: number): void {
    this.#busySinceMs ??= nowMs;
  }

  /** Something arrived; `isIdle` when nothing more is outstanding. */
  onArrived(bytes: number, nowMs: number, isIdle: boolean): void {
    // What came unasked says nothing of how soon an answer comes.
    if (this.#busySinceMs === null) return;
    this.#bytes += bytes;
    const busyMs = nowMs - this.#busySinceMs;
    if (busyMs >= SAMPLE_MS || (isIdle && this.#bytes >= 4 * 16_384)) {
      const sample = (this.#bytes * 1000) / Math.max(busyMs, 5);
      this.#bytesPerSecond = this.#isMeasured ? this.#bytesPerSecond + WEIGHT * (sample - this.#bytesPerSecond) : sample;
      this.#isMeasured = true;
      this.#bytes = 0;
      this.#busySinceMs = nowMs;
    }
    if (isIdle) {
      this.#busySinceMs = null;
      this.#bytes = 0;
    }
  }

  /** Nothing is asked for any more, though not all of it came. */
  onIdle(): void {
    this.#busySinceMs = null;
    this.#bytes = 0;
  }

  /** Nothing came although something was due: trust it half as much. */
  onOverdue(): void {
    this.#bytesPerSecond = Math.max(this.#bytesPerSecond / 2, 2_000);
    this.#isMeasured = true;
  }
}
