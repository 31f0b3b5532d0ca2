/** Chunks the player waits for, and the handing over: always a copy, since a player's worker takes its buffer away. */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { HeldChunk } from './chunk-library.ts';
import type { ChunkListener } from './engine-api.ts';
import { chunkKey } from './keys.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { Cancel } from './ports.ts';

interface Waiting {
  readonly stream: StreamId;
  readonly chunk: ChunkIndex;
  readonly listeners: Set<ChunkListener>;
  /** Bytes from the beginning that went to listeners as parts. */
  readonly handed: Map<ChunkListener, number>;
}

export class Deliveries {
  readonly #waiting = new Map<number, Waiting>();

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  keyOf(stream: StreamId, chunk: ChunkIndex): number {
    return chunkKey(stream, chunk);
  }

  waiting(): Iterable<Waiting> {
    return this.#waiting.values();
  }

  add(stream: StreamId, chunk: ChunkIndex, listener: ChunkListener): Cancel {
    const key = chunkKey(stream, chunk);
    let entry = this.#waiting.get(key);
    if (!entry) this.#waiting.set(key, (entry = { stream, chunk, listeners: new Set(), handed: new Map() }));
    const { listeners } = entry;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#waiting.get(key)?.listeners === listeners) this.#waiting.delete(key);
    };
  }

  progress(chunk: PendingChunk): void {
    const entry = this.#waiting.get(chunkKey(chunk.stream, chunk.index));
    if (!entry) return;
    const prefix = chunk.prefixBytes;
    for (const listener of [...entry.listeners]) {
      listener.onProgress?.(chunk.verifiedBytes, chunk.record.bytes);
      this.#handPart(entry, listener, chunk.buffer, prefix);
    }
  }

  deliver(stream: StreamId, chunk: ChunkIndex, held: HeldChunk, bytes: Uint8Array, wasHeld: boolean): void {
    const entry = this.#waiting.get(chunkKey(stream, chunk));
    for (const listener of this.#take(stream, chunk)) {
      if (entry) this.#handPart(entry, listener, bytes, bytes.length);
      listener.onDone({
        bytes: listener.onlyLooks ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes),
        fromPeers: held.fromPeers,
        fromSeeder: held.fromSeeder,
        fetchMs: wasHeld ? 0 : held.fetchMs,
      });
    }
  }

  fail(stream: StreamId, chunk: ChunkIndex, reason: 'gone' | 'closed'): void {
    for (const listener of this.#take(stream, chunk)) listener.onFailed(reason);
  }

  failAll(reason: 'gone' | 'closed'): void {
    for (const { stream, chunk } of [...this.#waiting.values()]) this.fail(stream, chunk, reason);
  }

  #handPart(entry: Waiting, listener: ChunkListener, bytes: Uint8Array, prefix: number): void {
    const from = entry.handed.get(listener) ?? 0;
    if (!listener.onPart || prefix <= from) return;
    entry.handed.set(listener, prefix);
    listener.onPart(listener.onlyLooks ? (bytes.subarray(from, prefix) as Uint8Array<ArrayBuffer>) : bytes.slice(from, prefix));
  }

  #take(stream: StreamId, chunk: ChunkIndex): ChunkListener[] {
    const key = chunkKey(stream, chunk);
    const listeners = [...(this.#waiting.get(key)?.listeners ?? [])];
    this.#waiting.delete(key);
    return listeners;
  }
}
