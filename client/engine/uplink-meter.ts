/**
 * How fast this peer's uplink really is, learned from its own queues: while media waits in links, what left them in a
 * while is what the uplink carries. From that follows how much may be handed to links at once, so that the order of
 * sending is decided here as late as possible, and how long a new request would wait.
 */

/** Shortest busy time that makes a sample, and fewest bytes, since pieces leave in steps; after the longest, fewer will do. */
const SAMPLE_MS = 120;
const SAMPLE_BYTES = 4 * 16_384;
const LONGEST_SAMPLE_MS = 1_500;
const WEIGHT = 0.3;
/** Before anything was measured: a slow home uplink. */
const FIRST_BYTES_PER_SECOND = 625_000;
/** What links hold is to leave within this; longer, and the order is decided too early, shorter, and an uplink may run dry. */
const QUEUE_MS = 60;
/** Two pieces: one leaving and one to follow it. */
const LEAST_BYTES = 2 * 16_384;
/** Less than this in links is talk, not media: they are as good as empty. */
const IDLE_BYTES = 8 * 1024;
/** Nothing slower is believed: one piece in a second. */
const LEAST_BYTES_PER_SECOND = 16_384;
/** Growth where links were found empty while media was waiting and nothing is known yet. */
const GROWTH = 1.25;
/** A transport swallows the first of what it is given without a queue; what it takes beyond that in a while, it carries. */
const SWALLOWED_BYTES = 2 * 16_384;
const PROOF_MS = 250;
const PROOF_BYTES = 4 * 16_384;

export class UplinkMeter {
  #bytesPerSecond = FIRST_BYTES_PER_SECOND;
  #isMeasured = false;
  #sinceMs: number | null = null;
  #backlogThen = 0;
  #handed = 0;
  /** What was handed over since when, idle or not: the least that the uplink carries. */
  #proofSinceMs = 0;
  #proofBytes = 0;

  /** Bytes a second; null while links never held anything back, which is no limit. */
  get bytesPerSecond(): number | null {
    return this.#isMeasured ? this.#bytesPerSecond : null;
  }

  /** Bytes that links may hold together. `lagMs`: how late this host runs its timers. */
  limitBytes(lagMs: number): number {
    return Math.max(LEAST_BYTES, (this.#bytesPerSecond * (QUEUE_MS + lagMs)) / 1000);
  }

  /** Milliseconds until that many bytes have left. */
  drainMs(bytes: number): number {
    return (bytes * 1000) / this.#bytesPerSecond;
  }

  /** Media was handed to a link. */
  onHanded(bytes: number, nowMs: number): void {
    this.#sinceMs ??= nowMs;
    this.#handed += bytes;
    this.#proofBytes += bytes;
  }

  /** What all links hold now, before more is handed over. `isWaiting`: more would be. */
  note(nowMs: number, backlogBytes: number, isWaiting: boolean): void {
    this.#prove(nowMs, backlogBytes);
    if (this.#sinceMs === null) {
      this.#begin(nowMs, backlogBytes);
      return;
    }
    const elapsedMs = nowMs - this.#sinceMs;
    const drained = Math.max(0, this.#backlogThen + this.#handed - backlogBytes);
    if (backlogBytes < IDLE_BYTES) {
      // It ran dry on the way: more could have been handed over.
      if (isWaiting && !this.#isMeasured) this.#bytesPerSecond *= GROWTH;
      this.#begin(nowMs, 0);
    } else if (elapsedMs >= LONGEST_SAMPLE_MS || (elapsedMs >= SAMPLE_MS && drained >= SAMPLE_BYTES)) {
      const sample = Math.max(LEAST_BYTES_PER_SECOND, (drained * 1000) / elapsedMs);
      this.#bytesPerSecond = this.#isMeasured ? this.#bytesPerSecond + WEIGHT * (sample - this.#bytesPerSecond) : sample;
      this.#isMeasured = true;
      this.#begin(nowMs, backlogBytes);
    }
  }

  /** An estimate that is exceeded was too low, however it came about. */
  #prove(nowMs: number, backlogBytes: number): void {
    const elapsedMs = nowMs - this.#proofSinceMs;
    const carried = this.#proofBytes - backlogBytes - SWALLOWED_BYTES;
    if (elapsedMs < PROOF_MS || (carried < PROOF_BYTES && elapsedMs < LONGEST_SAMPLE_MS)) return;
    if (this.#isMeasured) this.#bytesPerSecond = Math.max(this.#bytesPerSecond, (carried * 1000) / elapsedMs);
    this.#proofSinceMs = nowMs;
    this.#proofBytes = backlogBytes;
  }

  #begin(nowMs: number, backlogBytes: number): void {
    this.#sinceMs = backlogBytes >= IDLE_BYTES ? nowMs : null;
    this.#backlogThen = backlogBytes;
    this.#handed = 0;
  }
}
