/**
 * The Merkle tree over a chunk's piece hashes, shaped as in RFC 9162, section 2.1: leaves are SHA-256(0x00 || piece),
 * nodes SHA-256(0x01 || left || right), and a level's odd last node moves up unchanged. The tree itself does not bind
 * position or length; the signed record does (SPEC R-2). Hashing is handed in, so that this floor depends on nothing.
 */
import { DIGEST_BYTES } from './limits.ts';

export const LEAF_PREFIX = 0x00;
export const NODE_PREFIX = 0x01;

/** SHA-256 of the bytes given, synchronously. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** `0x00 || piece`, what a leaf hash is taken over. A fresh buffer. */
export function leafInput(piece: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + piece.length);
  input[0] = LEAF_PREFIX;
  input.set(piece, 1);
  return input;
}

/**
 * Root over leaf hashes laid end to end.
 * @throws RangeError when `leaves` is empty or not a whole number of digests.
 */
export function merkleRoot(leaves: Uint8Array, digest: Digest): Uint8Array {
  if (leaves.length === 0 || leaves.length % DIGEST_BYTES !== 0) throw new RangeError('not a list of digests');
  const input = new Uint8Array(1 + 2 * DIGEST_BYTES);
  input[0] = NODE_PREFIX;
  const level = new Uint8Array(leaves); // A copy, also of Node's Buffer, whose `slice` is not one.
  let count = leaves.length / DIGEST_BYTES;
  while (count > 1) {
    const pairs = count >> 1;
    for (let pair = 0; pair < pairs; pair++) {
      input.set(level.subarray(pair * 64, pair * 64 + 64), 1);
      level.set(digest(input), pair * DIGEST_BYTES);
    }
    if (count & 1) level.copyWithin(pairs * DIGEST_BYTES, (count - 1) * DIGEST_BYTES, count * DIGEST_BYTES);
    count = pairs + (count & 1);
  }
  return level.slice(0, DIGEST_BYTES);
}

/** Whether two digests are the same bytes. Digests are public, so this need not run in constant time. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
