/**
 * A buffer map as a value: which chunks of one stream a peer holds and shares, as offset, length and bits. The window
 * only slides forward, as its owner forgets; a peer that must look further back announces a new map (SPEC ).
 * Bounded by MAX_BUFFER_MAP_CHUNKS, so a hostile neighbour's map costs at most 1 KiB.
 */
import { Bitfield } from './bitfield.ts';
import { chunkIndex, type ChunkIndex, type StreamId } from './ids.ts';
import { MAX_BUFFER_MAP_CHUNKS } from './limits.ts';
import { NO_CHUNK, type Message, type MessageBody } from './messages.ts';

/** What changed from one map to the next, as `have` says it. */
export interface HeldChange {
  readonly held: readonly ChunkIndex[];
  readonly dropped: readonly ChunkIndex[];
}

export class BufferMap implements Iterable<ChunkIndex> {
  #offset: number;
  #length = 0;
  /** Bit i is chunk `#offset + i`; longer than `#length` so that growing is rare. */
  #bits = new Bitfield(0);

  constructor(offset: ChunkIndex = chunkIndex(0)) {
    this.#offset = offset;
  }

  /** The map a peer announced; the message's bits are copied. It must have passed `checkMessage`. */
  static fromMessage(message: Pick<MessageBody<'bufferMap'>, 'offset' | 'length' | 'bits'>): BufferMap {
    const map = new BufferMap(message.offset);
    map.#length = message.length;
    map.#bits = new Bitfield(message.length, new Uint8Array(message.bits));
    return map;
  }

  /** The message that announces this map, with buffers of its own. */
  toMessage(stream: StreamId, playhead: ChunkIndex): Extract<Message, { name: 'bufferMap' }> {
    const bits = this.#bits.copyBytes().subarray(0, (this.#length + 7) >> 3);
    return { name: 'bufferMap', stream, playhead, offset: this.offset, length: this.#length, bits };
  }

  /** First chunk of the window; nothing before it is held. */
  get offset(): ChunkIndex {
    return chunkIndex(this.#offset);
  }

  /** Chunks the window spans, held or not; nothing after `offset + length - 1` is held. */
  get length(): number {
    return this.#length;
  }

  /** Chunks held. */
  get count(): number {
    return this.#bits.count;
  }

  has(chunk: ChunkIndex): boolean {
    return this.#bits.has(chunk - this.#offset);
  }

  /**
   * Marks a chunk as held. One past the window makes it longer, and slides it forward once it is as wide as may be; one
   * before the window changes nothing.
   * @returns whether it was not held before
   */
  add(chunk: ChunkIndex): boolean {
    if (chunk < this.#offset || chunk >= NO_CHUNK) return false;
    if (chunk - this.#offset >= MAX_BUFFER_MAP_CHUNKS) this.slideTo(chunkIndex(chunk - MAX_BUFFER_MAP_CHUNKS + 1));
    const bit = chunk - this.#offset;
    if (bit >= this.#bits.length) this.#resize(Math.min(MAX_BUFFER_MAP_CHUNKS, Math.max(64, 2 * this.#bits.length, bit + 1)), 0);
    if (bit >= this.#length) this.#length = bit + 1;
    return this.#bits.set(bit);
  }

  /** @returns whether it was held */
  remove(chunk: ChunkIndex): boolean {
    return this.#bits.set(chunk - this.#offset, false);
  }

  /** Takes a `have`: first what was dropped, then what is held, so that a chunk in both is held (SPEC A-4). */
  apply(change: HeldChange): void {
    for (const chunk of change.dropped) this.remove(chunk);
    for (const chunk of change.held) this.add(chunk);
  }

  /** Forgets everything before `offset`. Never moves back. */
  slideTo(offset: ChunkIndex): void {
    const by = Math.min(offset, NO_CHUNK) - this.#offset;
    if (by <= 0) return;
    this.#resize(Math.max(0, this.#bits.length - by), by);
    this.#length = Math.max(0, this.#length - by);
    this.#offset += by;
  }

  /** What turns `before` into this map. A list may be longer than one `have` carries (SPEC A-4). */
  changesSince(before: BufferMap): HeldChange {
    return { held: [...this].filter((chunk) => !before.has(chunk)), dropped: [...before].filter((chunk) => !this.has(chunk)) };
  }

  /** Consecutive chunks held from `chunk` on: 0 when it is not held itself. From `first` this is the playable video. */
  runFrom(chunk: ChunkIndex): number {
    let end = chunk - this.#offset;
    while (this.#bits.has(end)) end++;
    return end - (chunk - this.#offset);
  }

  /** Oldest chunk held. */
  get first(): ChunkIndex | undefined {
    for (const chunk of this) return chunk;
    return undefined;
  }

  /** Newest chunk held: the watching index. */
  get last(): ChunkIndex | undefined {
    for (let bit = this.#length - 1; bit >= 0; bit--) if (this.#bits.has(bit)) return chunkIndex(this.#offset + bit);
    return undefined;
  }

  /** The chunks held, in order. */
  *[Symbol.iterator](): Generator<ChunkIndex, void, undefined> {
    for (let bit = 0; bit < this.#length; bit++) if (this.#bits.has(bit)) yield chunkIndex(this.#offset + bit);
  }

  /** A map of its own with the same chunks. */
  copy(): BufferMap {
    const copy = new BufferMap(this.offset);
    copy.#length = this.#length;
    copy.#bits = new Bitfield(this.#bits.length, this.#bits.copyBytes());
    return copy;
  }

  /** Bits for `length` chunks, the first of them the one at bit `from` now. */
  #resize(length: number, from: number): void {
    const old = this.#bits.bytes;
    const bytes = new Uint8Array((length + 7) >> 3);
    const skip = from >> 3;
    const shift = from & 7;
    for (let at = 0; at < bytes.length; at++) bytes[at] = (((old[at + skip] ?? 0) << 8) | (old[at + skip + 1] ?? 0)) >> (8 - shift);
    this.#bits = new Bitfield(length, bytes);
  }
}
