/**
 * Bits in the order of the wire: bit 0 is the highest bit of byte 0 (as in BitTorrent, BEP 3). Knows how many are set,
 * so that whoever asks for a count does not count. A fixed length; buffer-map.ts has the window that slides.
 */
export class Bitfield {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  /**
   * Takes over `bytes` when they are as many as `length` bits need, and otherwise copies what fits: a count that does
   * not match its bits must not survive hostile input. Bits past `length` are cleared.
   */
  constructor(length: number, bytes?: Uint8Array) {
    const needed = (length + 7) >> 3;
    this.length = length;
    if (bytes?.length === needed) {
      this.bytes = bytes;
    } else {
      this.bytes = new Uint8Array(needed);
      if (bytes) this.bytes.set(bytes.subarray(0, needed));
    }
    this.#settle();
  }

  /** Set bits. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  has(bit: number): boolean {
    return bit >= 0 && bit < this.length && (this.bytes[bit >> 3]! & (0x80 >> (bit & 7))) !== 0;
  }

  /** @returns whether the bit changed. Out of range changes nothing. */
  set(bit: number, value = true): boolean {
    if (bit < 0 || bit >= this.length || this.has(bit) === value) return false;
    this.bytes[bit >> 3]! ^= 0x80 >> (bit & 7);
    this.#count += value ? 1 : -1;
    return true;
  }

  /** Takes the bits of as many bytes as these are; a copy. Bits past `length` are cleared. */
  replace(bytes: Uint8Array): void {
    for (let at = 0; at < this.bytes.length; at++) this.bytes[at] = bytes[at]!;
    this.#settle();
  }

  /** Whether every bit set in `other`, of the same length, is set here too. */
  includes(other: Bitfield): boolean {
    for (let at = 0; at < other.bytes.length; at++) if ((other.bytes[at]! & ~(this.bytes[at] ?? 0)) !== 0) return false;
    return true;
  }

  copyBytes(): Uint8Array {
    return new Uint8Array(this.bytes);
  }

  /** Clears what is past the end and counts anew. */
  #settle(): void {
    const { bytes, length } = this;
    if ((length & 7) !== 0) bytes[bytes.length - 1]! &= 0xff << (8 - (length & 7));
    this.#count = 0;
    for (let at = 0; at < bytes.length; at++) this.#count += POPCOUNT[bytes[at]!]!;
  }
}

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest; rest &= rest - 1) count++;
  return count;
});
