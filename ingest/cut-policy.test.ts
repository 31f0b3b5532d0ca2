import { describe, expect, it } from 'vitest';
import { joinsChunk } from './cut-policy.ts';

const S = 1_000_000;

/** Chunk lengths, in seconds, that groups of pictures of these lengths become. */
function cut(groups: readonly number[]): number[] {
  const chunks: number[] = [];
  for (const group of groups) {
    const last = chunks.at(-1);
    if (last !== undefined && joinsChunk(last * S, group * S)) chunks[chunks.length - 1] = last + group;
    else chunks.push(group);
  }
  return chunks;
}

describe('a chunk is as many groups of pictures as come closest to two seconds', () => {
  it.each([
    ['groups of the target length stay single', [2, 2, 2], [2, 2, 2]],
    ['short groups are put together', [0.5, 0.5, 0.5, 0.5, 0.5], [2, 0.5]],
    ['long groups cannot be cut', [10, 10], [10, 10]],
    ['a short group does not swallow a long one', [1.458, 3.875, 7.29], [1.458, 3.875, 7.29]],
    ['a little over is nearer than far under', [0.9, 1.3], [2.2]],
    ['equally near stays apart: shorter chunks, less latency', [1.5, 1], [1.5, 1]],
    ['one second at a time', [1, 1, 1, 1], [2, 2]],
  ])('%s', (_, groups, chunks) => {
    expect(cut(groups)).toEqual(chunks);
  });
});
