/**
 * Buffers of messages and chunks that have been and gone, to be used again. A thousand peers send a piece eight times a
 * second each: made anew, its buffers were a quarter of a run's time, most of it spent on fresh memory and on giving it
 * back. What never returns (lost with its receiver, or forgotten) is left to the garbage collector.
 */

/** What a pool lends is told from all others by its class: taking back what others still look at would mix messages up. */
class PooledBuffer extends ArrayBuffer {}

/** Below this a buffer of one's own costs less. */
const LEAST_BYTES = 256;

export class BufferPool {
  readonly #stepBytes: number;
  readonly #free = new Map<number, PooledBuffer[]>();

  /** Buffers are as long as multiples of `stepBytes`: longer steps fit more, and waste more. */
  constructor(stepBytes: number) {
    this.#stepBytes = stepBytes;
  }

  /** Somebody's bytes before. */
  lend(length: number): Uint8Array {
    if (length < LEAST_BYTES) return new Uint8Array(length);
    const capacity = Math.ceil(length / this.#stepBytes) * this.#stepBytes;
    const buffer = this.#free.get(capacity)?.pop() ?? new PooledBuffer(capacity);
    return new Uint8Array(buffer, 0, length);
  }

  /** Nobody looks at these bytes any more. What was not lent is left alone. */
  takeBack(bytes: Uint8Array): void {
    if (bytes.length < LEAST_BYTES) return;
    const { buffer } = bytes;
    if (!(buffer instanceof PooledBuffer)) return;
    const free = this.#free.get(buffer.byteLength);
    if (free) free.push(buffer);
    else this.#free.set(buffer.byteLength, [buffer]);
  }
}
