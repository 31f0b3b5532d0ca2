/** Numbers that stand for a chunk or a piece of one stream, usable as map keys: cheaper than strings in hot paths. */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { MAX_PIECES_PER_CHUNK } from '#protocol/limits';

const CHUNKS = 2 ** 32;

/** Unique per stream and chunk; below 2^40. */
export const chunkKey = (stream: StreamId, chunk: ChunkIndex): number => stream * CHUNKS + chunk;

/** Unique per stream, chunk and piece; below 2^51, so still exact. */
export const pieceKey = (stream: StreamId, chunk: ChunkIndex, piece: number): number =>
  chunkKey(stream, chunk) * MAX_PIECES_PER_CHUNK + piece;

/** 32-bit hash of a text (FNV-1a), for rendezvous hashing; not for security. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Mixes two 32-bit numbers into one (finaliser of MurmurHash3). */
export function mix(a: number, b: number): number {
  let h = (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
