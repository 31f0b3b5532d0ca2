/**
 * What hls.js is told of a load, on which its choice of quality rests. A chunk that was held before it was asked for
 * says nothing about the network by itself; reported as instant it would read as endless bandwidth. It is reported as
 * having taken what it would have taken at the rate measured last, so that it moves the estimate neither way.
 */
import type { DeliveredChunk } from '#engine/engine-api';

/** Weight of the newest chunk in the running rate: four or five chunks, about 10 s, as hls.js's own fast average has. */
const NEWEST_WEIGHT = 0.25;
/** Chunks below this arrive in one burst and measure the burst; hls.js also leaves small ones out. */
const MIN_SAMPLE_BYTES = 16 * 1024;
/** Before anything was measured: enough for most ladders' middle, the default hls.js allows itself at most (5 Mbit/s). */
const FIRST_BYTES_PER_SECOND = 625_000;
/** No load is reported shorter: timers are coarse, and a division by nothing is endless bandwidth again. */
const MIN_LOAD_MS = 2;

export class LoadStatistics {
  #bytesPerSecond: number | undefined;

  /** Bytes a second over the last chunks that came over the network. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond ?? FIRST_BYTES_PER_SECOND;
  }

  /**
   * Milliseconds this chunk is to be reported as having taken, first byte's request to last byte. The chunk's own
   * fetch time counts even where most of it passed before the player asked: what the network did is what is measured.
   */
  loadMs({ bytes, fetchMs }: Pick<DeliveredChunk, 'bytes' | 'fetchMs'>): number {
    if (fetchMs <= 0) return Math.max(MIN_LOAD_MS, (bytes.length / this.bytesPerSecond) * 1000);
    const ms = Math.max(MIN_LOAD_MS, fetchMs);
    if (bytes.length >= MIN_SAMPLE_BYTES) {
      const rate = (bytes.length / ms) * 1000;
      this.#bytesPerSecond = this.#bytesPerSecond === undefined ? rate : this.#bytesPerSecond + NEWEST_WEIGHT * (rate - this.#bytesPerSecond);
    }
    return ms;
  }
}
