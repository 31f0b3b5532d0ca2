/**
 * A set of chunks of one stream as bits: what every pass asks of every neighbour a hundred times a second must cost a
 * look at one word. Spans at most MAX_BUFFER_MAP_CHUNKS, whatever anybody says (SPEC L-1): what lies further behind the
 * newest is forgotten. Unlike a buffer map (protocol/buffer-map.ts) it grows backwards too, since viewers seek.
 */
import type { ChunkIndex } from '#protocol/ids';
import { MAX_BUFFER_MAP_CHUNKS } from '#protocol/limits';

const WORD_BITS = 32;
const MAX_WORDS = MAX_BUFFER_MAP_CHUNKS / WORD_BITS;

export class ChunkWindow {
  /** Chunk that bit 0 of word 0 stands for; a multiple of a word's bits. */
  #base = 0;
  #words = new Uint32Array(0);
  #count = 0;

  /** Chunks in the set. */
  get count(): number {
    return this.#count;
  }

  has(chunk: ChunkIndex): boolean {
    const at = chunk - this.#base;
    return at >= 0 && at < this.#words.length * WORD_BITS && ((this.#words[at >>> 5]! >>> (at & 31)) & 1) === 1;
  }

  /** Too far behind the newest changes nothing. */
  add(chunk: ChunkIndex): void {
    if (this.has(chunk) || !this.#reach(chunk)) return;
    const at = chunk - this.#base;
    this.#words[at >>> 5]! |= 1 << (at & 31);
    this.#count++;
  }

  delete(chunk: ChunkIndex): void {
    if (!this.has(chunk)) return;
    const at = chunk - this.#base;
    this.#words[at >>> 5]! &= ~(1 << (at & 31));
    this.#count--;
  }

  clear(): void {
    this.#words.fill(0);
    this.#count = 0;
  }

  /** Makes the words span the chunk. @returns whether they do. */
  #reach(chunk: ChunkIndex): boolean {
    const word = Math.floor(chunk / WORD_BITS);
    const first = this.#base / WORD_BITS;
    const end = first + this.#words.length;
    if (word >= first && word < end) return true;
    if (this.#count === 0) this.#move(word, 2);
    else if (word < first) {
      if (end - word > MAX_WORDS) return false;
      this.#move(word, end - word);
    } else {
      // Twice as long each time, so that a live stream moves its words seldom.
      const from = Math.max(first, word + 1 - MAX_WORDS);
      this.#move(from, Math.min(MAX_WORDS, Math.max(word + 1 - from, 2 * this.#words.length)));
    }
    return true;
  }

  /** `length` words from word `first` on; what lies outside is forgotten. */
  #move(first: number, length: number): void {
    const words = new Uint32Array(length);
    const by = first - this.#base / WORD_BITS;
    for (let at = Math.max(0, by); at < this.#words.length && at - by < length; at++) words[at - by] = this.#words[at]!;
    this.#base = first * WORD_BITS;
    this.#words = words;
    this.#count = 0;
    for (const word of words) for (let rest = word; rest !== 0; rest &= rest - 1) this.#count++;
  }
}
