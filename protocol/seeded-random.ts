/**
 * Chance that repeats: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021;
 * public domain reference code at prng.di.unimi.it). Tests, the simulator and the hosts' adapters hand it to the engine
 * as its Random port. For play, never for secrets: ids, keys and tickets come from the host's cryptographic source.
 */

type Words = readonly [number, number, number, number];

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The finaliser of MurmurHash3 (Appleby): a bijection of 32 bits in which every input bit moves every output bit. */
function finalise(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 128 bits that depend on all of `key` and of `text`: four lanes over the text, then stirred into one another. */
function deriveKey(key: Words, text: string): Words {
  const lanes = key.map((word, lane) => finalise(word ^ Math.imul(lane + 1, 0x9e3779b9)));
  for (let at = 0; at < text.length; at++) {
    for (let lane = 0; lane < 4; lane++) lanes[lane] = finalise(lanes[lane]! ^ text.charCodeAt(at)) + lane;
  }
  for (let round = 0; round < 8; round++) {
    const lane = round & 3;
    lanes[lane] = finalise(lanes[lane]! ^ rotateLeft(lanes[(lane + 1) & 3]!, 7) ^ text.length);
  }
  return [lanes[0]! | 0, lanes[1]! | 0, lanes[2]! | 0, lanes[3]! | 0];
}

export class SeededRandom {
  #key: Words = [0, 0, 0, 0];
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** Equal seeds give equal generators; 7 and '7' are equal seeds. */
  constructor(seed: number | string) {
    this.#startFrom(deriveKey(this.#key, String(seed)));
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  next(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** Uniform over 0..2^32-1. */
  nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /**
   * An independent generator. It depends on this one's seed and the label alone, not on how many numbers were drawn, so
   * that a new draw in one place does not change what happens in another.
   */
  fork(label: string): SeededRandom {
    return SeededRandom.#ofKey(deriveKey(this.#key, label));
  }

  /** The generator in a given state, for known answers. @throws RangeError on the all-zero state, which never leaves it. */
  static ofState(state: Words): SeededRandom {
    if (state.every((word) => word === 0)) throw new RangeError('the all-zero state yields zeros for ever');
    return SeededRandom.#ofKey(state);
  }

  static #ofKey(key: Words): SeededRandom {
    const random = new SeededRandom('');
    random.#startFrom(key);
    return random;
  }

  #startFrom(key: Words): void {
    this.#key = key;
    [this.#a, this.#b, this.#c, this.#d] = key;
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
  }
}
