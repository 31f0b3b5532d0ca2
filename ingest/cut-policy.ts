/**
 * Where a stream is cut into chunks. Only a keyframe can start a chunk, so groups of pictures are put together until
 * they come closest to the target: live latency is counted in chunks, and so is the work of passing them on.
 */

/** Duration a chunk comes close to, in microseconds: the shortest that keeps a peer's per-chunk cost small. */
export const TARGET_CHUNK_US = 2_000_000;

/**
 * Whether the next group of pictures belongs to the chunk being collected. It does if the chunk is then nearer to the
 * target than without; keyframes ten seconds apart thus give ten-second chunks. All in microseconds.
 */
export function joinsChunk(collectedUs: number, groupUs: number, targetUs = TARGET_CHUNK_US): boolean {
  // Matroska does not say how long its last packet is: what lasts no time makes no chunk.
  if (collectedUs === 0 || groupUs === 0) return true;
  return Math.abs(collectedUs + groupUs - targetUs) < Math.abs(collectedUs - targetUs);
}
