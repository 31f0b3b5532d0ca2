/** The hashes of a chunk: one leaf per piece, and the Merkle root over them that its record carries. */
import { createHash } from 'node:crypto';
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { leafInput, merkleRoot } from '#protocol/merkle';
import { pieceCount } from '#protocol/record';

export interface ChunkDigest {
  readonly root: Uint8Array;
  /** Leaf hashes end to end, 32 bytes each. */
  readonly hashes: Uint8Array;
}

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** @throws RangeError on an empty chunk: a record of no bytes says nothing. */
export function digestChunk(bytes: Uint8Array): ChunkDigest {
  const pieces = pieceCount(bytes.length);
  const hashes = new Uint8Array(pieces * DIGEST_BYTES);
  for (let piece = 0; piece < pieces; piece++) {
    const data = bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    hashes.set(sha256(leafInput(data)), piece * DIGEST_BYTES);
  }
  return { root: merkleRoot(hashes, sha256), hashes };
}
