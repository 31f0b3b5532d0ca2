/**
 * Every chunk this peer has to do with: the ones on their way and the ones held. Knows the memory they take and who
 * brought them; forgets the least useful when there is too much (policy/evict-chunks.ts).
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { pieceCount, pieceLength, type ChunkRecord } from '#protocol/record';
import { chunkKey } from './keys.ts';
import { PendingChunk } from './pending-chunk.ts';
import type { ChunkStore } from './ports.ts';

export interface HeldChunk {
  readonly stream: StreamId;
  readonly index: ChunkIndex;
  readonly record: ChunkRecord;
  readonly fromPeers: number;
  readonly fromSeeder: number;
  readonly fetchMs: number;
}

export class ChunkLibrary {
  readonly #store: ChunkStore;
  readonly pending = new Map<number, PendingChunk>();
  readonly held = new Map<number, HeldChunk>();
  /** Chunks once held and forgotten since, with what is shown of them; bounded. */
  readonly dropped = new Map<number, HeldChunk>();
  readonly #lend: ((length: number) => Uint8Array) | undefined;
  readonly #loading = new Set<number>();
  #bytes = 0;

  constructor(store: ChunkStore) {
    this.#store = store;
    this.#lend = store.lend && ((length) => store.lend!(length));
  }

  /** Bytes of media in memory, chunks in progress included. */
  get bytes(): number {
    return this.#bytes;
  }

  isHeld(stream: StreamId, index: ChunkIndex): boolean {
    return this.held.has(chunkKey(stream, index));
  }

  getPending(stream: StreamId, index: ChunkIndex): PendingChunk | undefined {
    return this.pending.get(chunkKey(stream, index));
  }

  /** Starts a chunk, or returns the one already started. */
  open(record: ChunkRecord, hashes: Uint8Array, nowMs: number): PendingChunk {
    const key = chunkKey(record.stream, record.index);
    let chunk = this.pending.get(key);
    if (!chunk) {
      chunk = new PendingChunk(record, hashes, nowMs, this.#lend);
      this.pending.set(key, chunk);
      this.#bytes += record.bytes;
    }
    return chunk;
  }

  /** Moves a complete chunk to the held ones. Its buffer is the store's from then on: `read` has the bytes. */
  complete(chunk: PendingChunk, nowMs: number): HeldChunk {
    const key = chunkKey(chunk.stream, chunk.index);
    const held: HeldChunk = {
      stream: chunk.stream,
      index: chunk.index,
      record: chunk.record,
      fromPeers: chunk.bytesFromPeers,
      fromSeeder: chunk.bytesFromSeeder,
      fetchMs: nowMs - (chunk.firstAskedMs ?? nowMs),
    };
    this.pending.delete(key);
    this.dropped.delete(key);
    this.held.set(key, held);
    this.#store.put(chunk.stream, chunk.index, chunk.buffer);
    return held;
  }

  /** Counts a chunk as held whose bytes the store has by itself, or can make. */
  hold(record: ChunkRecord): void {
    const { stream, index } = record;
    const key = chunkKey(stream, index);
    if (this.held.has(key)) return;
    this.held.set(key, { stream, index, record, fromPeers: 0, fromSeeder: 0, fetchMs: 0 });
    this.#bytes += record.bytes;
  }

  /** Whether a held chunk's bytes must be made first; `done` is called when they are here, or gone for good. */
  isAway(stream: StreamId, index: ChunkIndex, done: () => void): boolean {
    if (!this.#store.load || !this.isHeld(stream, index) || this.#store.get(stream, index)) return false;
    const key = chunkKey(stream, index);
    if (this.#loading.has(key)) return true;
    this.#loading.add(key);
    this.#store.load(stream, index, (isThere) => {
      this.#loading.delete(key);
      if (!isThere) this.forget(stream, index);
      done();
    });
    return true;
  }

  /** Bytes of a held chunk; not a copy. */
  read(stream: StreamId, index: ChunkIndex): Uint8Array | undefined {
    return this.isHeld(stream, index) ? this.#store.get(stream, index) : undefined;
  }

  /** A verified piece wherever it is, or undefined. A view. */
  readPiece(stream: StreamId, index: ChunkIndex, piece: number): Uint8Array | undefined {
    const held = this.held.get(chunkKey(stream, index));
    if (held) {
      const length = pieceLength(held.record.bytes, piece);
      if (length <= 0) return undefined;
      return this.#store.get(stream, index)?.subarray(piece * PIECE_BYTES, piece * PIECE_BYTES + length);
    }
    const pending = this.getPending(stream, index);
    return pending?.verified.has(piece) ? pending.read(piece) : undefined;
  }

  /** Pieces of a chunk held or in progress. */
  pieceCount(stream: StreamId, index: ChunkIndex): number | undefined {
    const key = chunkKey(stream, index);
    const record = this.held.get(key)?.record ?? this.pending.get(key)?.record;
    return record && pieceCount(record.bytes);
  }

  forget(stream: StreamId, index: ChunkIndex): void {
    const key = chunkKey(stream, index);
    const pending = this.pending.get(key);
    if (pending) {
      this.pending.delete(key);
      this.#bytes -= pending.record.bytes;
    }
    const held = this.held.get(key);
    if (held) {
      this.held.delete(key);
      this.#store.delete(stream, index);
      this.#bytes -= held.record.bytes;
      this.dropped.set(key, held);
      if (this.dropped.size > MAX_DROPPED) this.dropped.delete(this.dropped.keys().next().value!);
    }
  }

  clear(): void {
    for (const held of this.held.values()) this.#store.delete(held.stream, held.index);
    this.held.clear();
    this.pending.clear();
    this.dropped.clear();
    this.#bytes = 0;
  }
}

/** Cells of the timeline that show chunks no longer held. */
const MAX_DROPPED = 256;
