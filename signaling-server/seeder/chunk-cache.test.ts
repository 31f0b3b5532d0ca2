import { describe, expect, it } from 'vitest';
import { ChunkCache } from './chunk-cache.ts';

describe('the chunk cache', () => {
  it('reads a chunk once for all who ask while it is being read', async () => {
    const cache = new ChunkCache(100);
    let reads = 0;
    let finish = (_: Uint8Array): void => {};
    const read = () => {
      reads += 1;
      return new Promise<Uint8Array>((resolve) => (finish = resolve));
    };
    const asked = [cache.get('a', read), cache.get('a', read)];
    finish(new Uint8Array(10));
    expect((await Promise.all(asked)).map((bytes) => bytes?.length)).toEqual([10, 10]);
    expect(reads).toBe(1);
  });

  it('never holds more than its capacity, and forgets what was used longest ago', async () => {
    const cache = new ChunkCache(30);
    const reads: string[] = [];
    const get = (key: string) => cache.get(key, async () => {
      reads.push(key);
      return new Uint8Array(10);
    });
    for (const key of ['a', 'b', 'c', 'a', 'd']) await get(key);
    expect(cache.heldBytes).toBe(30);
    for (const key of ['a', 'c', 'd', 'b']) await get(key);
    expect(reads).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('does not hold what is larger than all of it', async () => {
    const cache = new ChunkCache(5);
    expect((await cache.get('a', async () => new Uint8Array(10)))?.length).toBe(10);
    expect(cache.heldBytes).toBe(0);
  });

  it('remembers neither failures nor absences', async () => {
    const cache = new ChunkCache(100);
    await expect(cache.get('a', async () => { throw new Error('disk'); })).rejects.toThrow('disk');
    expect(await cache.get('a', async () => undefined)).toBeUndefined();
    expect(await cache.get('a', async () => new Uint8Array(1))).toHaveLength(1);
  });
});
