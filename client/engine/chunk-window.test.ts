import { describe, expect, it } from 'vitest';
import { chunkIndex } from '#protocol/ids';
import { MAX_BUFFER_MAP_CHUNKS } from '#protocol/limits';
import { SeededRandom } from '#protocol/seeded-random';
import { ChunkWindow } from './chunk-window.ts';

describe('a window of chunks', () => {
  it('is a set, whatever the order of what is added and taken away', () => {
    for (let seed = 0; seed < 6; seed++) {
      const random = new SeededRandom(seed);
      const window = new ChunkWindow();
      const set = new Set<number>();
      const start = Math.floor(random.next() * 100_000);
      for (let step = 0; step < 400; step++) {
        const chunk = start + Math.floor(random.next() * 1_000 * (1 + step / 100));
        if (random.next() < 0.7) {
          window.add(chunkIndex(chunk));
          set.add(chunk);
        } else {
          window.delete(chunkIndex(chunk));
          set.delete(chunk);
        }
        if (random.next() < 0.005) {
          window.clear();
          set.clear();
        }
        expect(window.has(chunkIndex(chunk)), `seed ${seed}, step ${step}`).toBe(set.has(chunk));
        expect(window.count, `seed ${seed}, step ${step}`).toBe(set.size);
      }
      for (let chunk = start - 40; chunk < start + 6_000; chunk++) expect(window.has(chunkIndex(chunk)), `seed ${seed}`).toBe(set.has(chunk));
    }
  });

  it('grows backwards, for a neighbour that seeks', () => {
    const window = new ChunkWindow();
    window.add(chunkIndex(5_000));
    window.add(chunkIndex(3));
    expect(window.has(chunkIndex(3))).toBe(true);
    expect(window.has(chunkIndex(5_000))).toBe(true);
    expect(window.count).toBe(2);
  });

  it('L-1: remembers no more than the newest, whatever a neighbour claims', () => {
    const window = new ChunkWindow();
    for (let chunk = 0; chunk < 3 * MAX_BUFFER_MAP_CHUNKS; chunk++) window.add(chunkIndex(chunk));
    window.add(chunkIndex(0));
    expect(window.count).toBeLessThanOrEqual(MAX_BUFFER_MAP_CHUNKS);
    expect(window.has(chunkIndex(0))).toBe(false);
    expect(window.has(chunkIndex(3 * MAX_BUFFER_MAP_CHUNKS - 1))).toBe(true);
    window.add(chunkIndex(2 ** 32 - 2));
    expect(window.count).toBe(1);
    expect(window.has(chunkIndex(2 ** 32 - 2))).toBe(true);
  });
});
