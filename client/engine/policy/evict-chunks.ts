/**
 * What to forget when memory is full: first what streams no longer in use hold, then what lies behind the playhead and
 * most neighbours hold too, farthest behind first; what lies ahead is kept until the last. Availability to demand as
 * in PPLive's VoD (Huang et al., SIGCOMM 2008, section 3.3), with neighbours for the tracker's count.
 */
export interface EvictableChunk {
  readonly stream: number;
  readonly index: number;
  readonly bytes: number;
  readonly isStreamInUse: boolean;
  /** Chunks ahead of the playhead; negative behind it. */
  readonly ahead: number;
  /** Neighbours that hold it. */
  readonly copies: number;
}

/** Chunks to drop, in order, until at most `capacityBytes` are left. Chunks about to be played are never dropped. */
export function evictChunks<C extends EvictableChunk>(chunks: readonly C[], capacityBytes: number): C[] {
  let total = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  if (total <= capacityBytes) return [];
  const order = chunks
    .filter((chunk) => !chunk.isStreamInUse || chunk.ahead < 0 || chunk.ahead > 2)
    .sort(
      (a, b) =>
        Number(a.isStreamInUse) - Number(b.isStreamInUse) ||
        Number(a.ahead >= 0) - Number(b.ahead >= 0) ||
        b.copies - a.copies ||
        Math.abs(b.ahead) - Math.abs(a.ahead) ||
        a.index - b.index,
    );
  const dropped: C[] = [];
  for (const chunk of order) {
    if (total <= capacityBytes) break;
    dropped.push(chunk);
    total -= chunk.bytes;
  }
  return dropped;
}
