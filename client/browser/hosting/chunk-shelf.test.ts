import { describe, expect, it, vi } from 'vitest';
import { chunkIndex, streamId } from '#protocol/ids';
import { ChunkShelf } from './chunk-shelf.ts';

const S = streamId(0);
const bytes = (index: number): Uint8Array => new Uint8Array(100).fill(index);

describe('the shelf of a host', () => {
  it('keeps what was asked for last and makes the rest again', async () => {
    const shelf = new ChunkShelf(async (_stream, chunk) => bytes(chunk), 250);
    for (const index of [0, 1]) shelf.put(S, chunkIndex(index), bytes(index));
    expect(shelf.get(S, chunkIndex(0))).toEqual(bytes(0));
    shelf.put(S, chunkIndex(2), bytes(2));
    expect([shelf.bytes, shelf.get(S, chunkIndex(1))]).toEqual([200, undefined]);
    const done = vi.fn();
    shelf.load(S, chunkIndex(1), done);
    shelf.load(S, chunkIndex(1), done);
    expect(done).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(done.mock.calls).toEqual([[true], [true]]));
    expect(shelf.get(S, chunkIndex(1))).toEqual(bytes(1));
  });

  it('makes a chunk once for all who wait for it, and again for who comes later', async () => {
    const make = vi.fn(async (_stream: unknown, chunk: number) => bytes(chunk));
    const shelf = new ChunkShelf(make, 0);
    const load = (): Promise<boolean> => new Promise((resolve) => shelf.load(S, chunkIndex(5), resolve));
    expect(await Promise.all([load(), load()])).toEqual([true, true]);
    expect(make).toHaveBeenCalledTimes(1);
    // Larger than the shelf, and kept all the same until the next one comes.
    expect(shelf.get(S, chunkIndex(5))).toEqual(bytes(5));
    shelf.put(S, chunkIndex(6), bytes(6));
    expect(await load()).toBe(true);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('says when a chunk cannot be made any more', async () => {
    const shelf = new ChunkShelf(async () => Promise.reject(new Error('the file is gone')));
    expect(await new Promise((resolve) => shelf.load(S, chunkIndex(1), resolve))).toBe(false);
  });
});
