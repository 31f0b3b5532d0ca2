/** Bits in the order of the wire: bit 0 is the highest bit of byte 0 (as in BitTorrent, BEP 3). */
export class Bitfield {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  /** Takes over `bytes` when given; bits past `length` are cleared. */
  constructor(length: number, bytes: Uint8Array = new Uint8Array((length + 7) >> 3)) {
    this.length = length;
    this.bytes = bytes;
    const spare = bytes.length * 8 - length;
    if (spare > 0 && bytes.length > 0) bytes[bytes.length - 1]! &= 0xff << spare;
    for (const byte of bytes) this.#count += POPCOUNT[byte]!;
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

  copyBytes(): Uint8Array {
    return this.bytes.slice();
  }
}

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest; rest &= rest - 1) count++;
  return count;
});
