/** The hashes of a chunk: one leaf per piece, and the Merkle root over them that its record carries. */
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { leafInput, merkleRoot } from '#protocol/merkle';
import { pieceCount } from '#protocol/record';

/** SHA-256 (FIPS 180-4) at once: Node's own on a server, an audited one in pages. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export interface ChunkDigest {
  readonly root: Uint8Array;
  /** Leaf hashes end to end, 32 bytes each. */
  readonly hashes: Uint8Array;
}

/** @throws RangeError on an empty chunk: a record of no bytes says nothing. */
export function digestChunk(bytes: Uint8Array, sha256: Sha256): ChunkDigest {
  const pieces = pieceCount(bytes.length);
  const hashes = new Uint8Array(pieces * DIGEST_BYTES);
  for (let piece = 0; piece < pieces; piece++) {
    const data = bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    hashes.set(sha256(leafInput(data)), piece * DIGEST_BYTES);
  }
  return { root: merkleRoot(hashes, sha256), hashes };
}
