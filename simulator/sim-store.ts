/**
 * A peer's store that holds references to the channel's own bytes. It compares what it is given with them first: an
 * engine that stores anything unverified is caught here, whatever its own checks say.
 */
import type { ChunkStore } from '#engine/ports';
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { BufferPool } from './buffer-pool.ts';
import { MAIN_STREAM, type SyntheticChannel } from './synthetic-channel.ts';

export class SimStore implements ChunkStore {
  readonly #channel: SyntheticChannel;
  readonly #onWrongBytes: (chunk: ChunkIndex) => void;
  readonly #held = new Map<ChunkIndex, Uint8Array>();

  readonly #pool: BufferPool;

  /** `pool`: where chunks are gathered that are kept here as references only. */
  constructor(channel: SyntheticChannel, pool: BufferPool, onWrongBytes: (chunk: ChunkIndex) => void) {
    this.#channel = channel;
    this.#pool = pool;
    this.#onWrongBytes = onWrongBytes;
  }

  put(stream: StreamId, chunk: ChunkIndex, bytes: Uint8Array): void {
    const truth = this.#channel.bytes(chunk);
    if (stream !== MAIN_STREAM || Buffer.compare(bytes, truth) !== 0) this.#onWrongBytes(chunk);
    this.#held.set(chunk, truth);
    this.#pool.takeBack(bytes);
  }

  lend(length: number): Uint8Array {
    return this.#pool.lend(length);
  }

  get(stream: StreamId, chunk: ChunkIndex): Uint8Array | undefined {
    return stream === MAIN_STREAM ? this.#held.get(chunk) : undefined;
  }

  delete(_stream: StreamId, chunk: ChunkIndex): void {
    this.#held.delete(chunk);
  }

  get heldChunks(): readonly ChunkIndex[] {
    return [...this.#held.keys()];
  }

  get count(): number {
    return this.#held.size;
  }
}
