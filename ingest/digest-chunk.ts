/** The hashes of a chunk: one leaf per piece, and the Merkle root over them that its record carries. */
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { LEAF_PREFIX, merkleRoot } from '#protocol/merkle';
import { pieceCount } from '#protocol/record';

/** SHA-256 (FIPS 180-4) at once: Node's own on a server, an audited one in pages. It must not keep what it is given. */
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
  // One leaf input for all pieces: a fresh one for each would be as much garbage again as the film is long.
  const input = new Uint8Array(1 + Math.min(PIECE_BYTES, bytes.length));
  input[0] = LEAF_PREFIX;
  for (let piece = 0; piece < pieces; piece++) {
    const data = bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    input.set(data, 1);
    hashes.set(sha256(input.subarray(0, 1 + data.length)), piece * DIGEST_BYTES);
  }
  return { root: merkleRoot(hashes, sha256), hashes };
}
