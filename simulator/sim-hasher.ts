/**
 * A stand-in for SHA-256 and Ed25519 that is a thousand times cheaper and tells right bytes from wrong ones all the
 * same: 256 bits mixed from sampled words and the length. It is no defence against anybody who knows it; the liars of
 * the simulator replace whole pieces, which it always sees. The real pair goes through the same port.
 */
import type { Hasher } from '#engine/ports';
import { DIGEST_BYTES, SIGNATURE_BYTES } from '#protocol/limits';

/** Makes what a hasher checks: the publisher's half. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Words looked at in a piece; the first and the last always are. */
const SAMPLES = 96;

/** The finaliser of MurmurHash3: every bit in moves every bit out. */
function stir(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 32 bytes from `bytes`, looking at every `stride`-th word of four bytes, the tail and the length. */
function mix(bytes: Uint8Array, stride: number, salt: number): Uint8Array {
  const { length } = bytes;
  let a = stir(length ^ salt);
  let b = stir(a ^ 0x9e3779b9);
  const step = 4 * stride;
  for (let at = 0; at + 4 <= length; at += step) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    a = Math.imul(a ^ word, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b, 0x85ebca77) + (a ^ word);
  }
  for (let at = Math.max(0, length - 4); at < length; at++) {
    a = Math.imul(a ^ bytes[at]!, 0x01000193);
    b = (b ^ a) + at;
  }
  const out = new Uint8Array(DIGEST_BYTES);
  for (let lane = 0; lane < DIGEST_BYTES; lane += 4) {
    a = stir(a + lane);
    b = stir(b ^ a);
    out[lane] = b;
    out[lane + 1] = b >>> 8;
    out[lane + 2] = b >>> 16;
    out[lane + 3] = b >>> 24;
  }
  return out;
}

const LEAF_SALT = 0x1eaf;
const SIGNATURE_SALT = 0x5161;

function signatureOf(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const input = new Uint8Array(publicKey.length + message.length);
  input.set(publicKey);
  input.set(message, publicKey.length);
  const digest = mix(input, 1, SIGNATURE_SALT);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(digest);
  signature.set(mix(digest, 1, SIGNATURE_SALT), DIGEST_BYTES);
  return signature;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** The hash a leaf of the Merkle tree gets here. */
export const simLeafHash = (piece: Uint8Array): Uint8Array => mix(piece, Math.max(1, (piece.length >> 2) / SAMPLES | 0), LEAF_SALT);

/** Answers inside the call, as the port allows. */
export const simHasher: Hasher = {
  digest: (bytes) => mix(bytes, 1, 0),
  hashPiece: (piece, done) => done(simLeafHash(piece)),
  verify: (publicKey, message, signature, done) => done(isSame(signatureOf(publicKey, message), signature)),
};

/** A key pair of the simulated kind; equal seeds give equal pairs. */
export function simSigner(seed: string): Signer {
  const publicKey = mix(new TextEncoder().encode(seed), 1, SIGNATURE_SALT);
  return { publicKey, sign: (message) => signatureOf(publicKey, message) };
}
