/** Consecutive pieces of one chunk: the shape of requests, cancels, rejects and ranges. */
import type { ChunkIndex, StreamId } from '#protocol/ids';

export interface PieceRun {
  readonly stream: StreamId;
  readonly chunk: ChunkIndex;
  readonly first: number;
  readonly count: number;
}

/** Sorted piece numbers gathered into runs of at most `longest`. */
export function toRuns(stream: StreamId, chunk: ChunkIndex, pieces: readonly number[], longest: number): PieceRun[] {
  const runs: PieceRun[] = [];
  let first = -1;
  let count = 0;
  for (const piece of pieces) {
    if (count > 0 && piece === first + count && count < longest) {
      count++;
      continue;
    }
    if (count > 0) runs.push({ stream, chunk, first, count });
    first = piece;
    count = 1;
  }
  if (count > 0) runs.push({ stream, chunk, first, count });
  return runs;
}
