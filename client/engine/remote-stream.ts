/** What a neighbour says it holds of one stream. Bounded, whatever it says (SPEC L-1). */
import { Bitfield } from '#protocol/bitfield';
import type { ChunkIndex } from '#protocol/ids';
import { NO_CHUNK, type MessageBody } from '#protocol/messages';
import { ChunkWindow } from './chunk-window.ts';

/** Chunks in progress one neighbour may have at once; honest peers have a handful. */
const MAX_PARTIAL_CHUNKS = 32;

export class RemoteStream {
  readonly #held = new ChunkWindow();
  readonly #partial = new Map<ChunkIndex, Bitfield>();
  /** Chunk it plays, null without a screen. */
  playhead: ChunkIndex | null = null;
  /** When it was heard to have come to that chunk from the one before, ms; null when it may be anywhere in it. */
  enteredAtMs: number | null = null;
  #newest: ChunkIndex | null = null;

  get heldCount(): number {
    return this.#held.count;
  }

  /** Newest chunk it ever mentioned. */
  get newest(): ChunkIndex | null {
    return this.#newest;
  }

  holds(chunk: ChunkIndex): boolean {
    return this.#held.has(chunk);
  }

  holdsPiece(chunk: ChunkIndex, piece: number): boolean {
    return this.#held.has(chunk) || (this.#partial.get(chunk)?.has(piece) ?? false);
  }

  /** What it holds of the chunk: all of it, these pieces, or nothing. The bits change with what is heard of it. */
  holding(chunk: ChunkIndex): 'whole' | Bitfield | null {
    return this.#held.has(chunk) ? 'whole' : (this.#partial.get(chunk) ?? null);
  }

  /** Whether it holds anything of the chunk. */
  holdsSome(chunk: ChunkIndex): boolean {
    return this.#held.has(chunk) || this.#partial.has(chunk);
  }

  /** Whether it holds all of these pieces of the chunk. */
  holdsAll(chunk: ChunkIndex, pieces: Bitfield): boolean {
    return this.#held.has(chunk) || (this.#partial.get(chunk)?.includes(pieces) ?? false);
  }

  replace(map: MessageBody<'bufferMap'>, nowMs: number): void {
    this.#held.clear();
    this.#partial.clear();
    this.#setPlayhead(map.playhead, nowMs);
    const bits = new Bitfield(map.length, map.bits.slice());
    for (let bit = 0; bit < map.length; bit++) if (bits.has(bit)) this.#hold((map.offset + bit) as ChunkIndex);
  }

  update(have: MessageBody<'have'>, nowMs: number): void {
    this.#setPlayhead(have.playhead, nowMs);
    for (const chunk of have.dropped) {
      this.#held.delete(chunk);
      this.#partial.delete(chunk);
    }
    for (const chunk of have.held) this.#hold(chunk);
  }

  /** Pieces of a chunk in progress. `pieces` is null while this side does not know the chunk's length. */
  updatePieces(chunk: ChunkIndex, bits: Uint8Array, pieces: number | null): boolean {
    this.#mention(chunk);
    if (this.#held.has(chunk)) return true;
    const length = pieces ?? bits.length * 8;
    if (bits.length !== (length + 7) >> 3) return false;
    const known = this.#partial.get(chunk);
    if (known?.length === length) {
      known.replace(bits);
      return true;
    }
    this.#partial.set(chunk, new Bitfield(length, bits.slice()));
    if (this.#partial.size > MAX_PARTIAL_CHUNKS) this.#partial.delete(this.#partial.keys().next().value!);
    return true;
  }

  /** A piece came from it, or was sent to it: it need not be told of it. */
  gets(chunk: ChunkIndex, piece: number, pieces: number): void {
    if (this.#held.has(chunk)) return;
    let partial = this.#partial.get(chunk);
    if (!partial) {
      this.#partial.set(chunk, (partial = new Bitfield(pieces)));
      if (this.#partial.size > MAX_PARTIAL_CHUNKS) this.#partial.delete(this.#partial.keys().next().value!);
    }
    partial.set(piece);
  }

  /** It said itself that it does not have this after all. */
  lacks(chunk: ChunkIndex): void {
    this.#held.delete(chunk);
    this.#partial.delete(chunk);
  }

  #setPlayhead(told: ChunkIndex, nowMs: number): void {
    const playhead = told === NO_CHUNK ? null : told;
    if (playhead === this.playhead) return;
    this.enteredAtMs = playhead !== null && this.playhead === playhead - 1 ? nowMs : null;
    this.playhead = playhead;
  }

  #hold(chunk: ChunkIndex): void {
    this.#mention(chunk);
    this.#held.add(chunk);
    this.#partial.delete(chunk);
  }

  #mention(chunk: ChunkIndex): void {
    if (this.#newest === null || chunk > this.#newest) this.#newest = chunk;
  }
}
