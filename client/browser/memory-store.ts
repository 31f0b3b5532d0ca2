/** Verified chunks in memory. Bounded by the engine, which decides what is forgotten; this only holds. */
import type { ChunkStore } from '#engine/ports';
import type { ChunkIndex, StreamId } from '#protocol/ids';

/** A chunk index is below 2^32 and a stream id below 2^8, so the two fit one exact number. */
const keyOf = (stream: StreamId, chunk: ChunkIndex): number => stream * 2 ** 32 + chunk;

export class MemoryStore implements ChunkStore {
  readonly #chunks = new Map<number, Uint8Array>();

  /** Keeps `bytes` itself, not a copy. */
  put(stream: StreamId, chunk: ChunkIndex, bytes: Uint8Array): void {
    this.#chunks.set(keyOf(stream, chunk), bytes);
  }

  /** The stored bytes themselves; the caller must not hand them to anyone who might transfer them. */
  get(stream: StreamId, chunk: ChunkIndex): Uint8Array | undefined {
    return this.#chunks.get(keyOf(stream, chunk));
  }

  delete(stream: StreamId, chunk: ChunkIndex): void {
    this.#chunks.delete(keyOf(stream, chunk));
  }
}
