/**
 * The engine's store on the host's side of a film: the chunks asked for last stay at hand, all others are made again
 * from the file. Memory is bounded whatever the length of the film.
 */
import type { ChunkStore } from '#engine/ports';
import type { ChunkIndex, StreamId } from '#protocol/ids';

/** Bytes at hand: the minute that viewers of a 10 Mbit/s film are in, several times over at ordinary rates. */
const SHELF_BYTES = 64 * 2 ** 20;

export class ChunkShelf implements ChunkStore {
  readonly #make: (stream: StreamId, chunk: ChunkIndex) => Promise<Uint8Array>;
  readonly #capacityBytes: number;
  /** Least recently used first. */
  readonly #chunks = new Map<string, Uint8Array>();
  readonly #making = new Map<string, ((isThere: boolean) => void)[]>();
  #bytes = 0;

  constructor(make: (stream: StreamId, chunk: ChunkIndex) => Promise<Uint8Array>, capacityBytes = SHELF_BYTES) {
    this.#make = make;
    this.#capacityBytes = capacityBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  put(stream: StreamId, chunk: ChunkIndex, bytes: Uint8Array): void {
    this.#keep(keyOf(stream, chunk), bytes);
  }

  get(stream: StreamId, chunk: ChunkIndex): Uint8Array | undefined {
    const key = keyOf(stream, chunk);
    const bytes = this.#chunks.get(key);
    if (bytes === undefined) return undefined;
    this.#chunks.delete(key);
    this.#chunks.set(key, bytes);
    return bytes;
  }

  delete(stream: StreamId, chunk: ChunkIndex): void {
    this.#drop(keyOf(stream, chunk));
  }

  load(stream: StreamId, chunk: ChunkIndex, done: (isThere: boolean) => void): void {
    const key = keyOf(stream, chunk);
    const others = this.#making.get(key);
    if (others) {
      others.push(done);
      return;
    }
    const waiting = [done];
    this.#making.set(key, waiting);
    const tell = (isThere: boolean): void => {
      this.#making.delete(key);
      for (const one of waiting) one(isThere);
    };
    this.#make(stream, chunk).then(
      (bytes) => {
        this.#keep(key, bytes);
        tell(true);
      },
      () => tell(false),
    );
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.#drop(key);
    this.#chunks.set(key, bytes);
    this.#bytes += bytes.length;
    for (const [oldest] of this.#chunks) {
      // The newest stays even where it alone is too large: somebody waits for it.
      if (this.#bytes <= this.#capacityBytes || oldest === key) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#chunks.get(key)?.length ?? 0;
    this.#chunks.delete(key);
  }
}

const keyOf = (stream: StreamId, chunk: ChunkIndex): string => `${stream}/${chunk}`;
