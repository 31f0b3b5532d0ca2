import { describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { readTrackFragments, readTracks, shiftFragment, unitsOf } from './fragment.ts';
import { remux, type RemuxedChunk } from './remux.ts';
import { openClip } from './testing/open-clip.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { writeClip } from './testing/synthetic-clip.ts';

async function twoChunks(): Promise<RemuxedChunk[]> {
  const file = await openClip(await writeClip(join(await temporaryFolder(), 'clip.mp4'), { seconds: 4 }));
  const chunks: RemuxedChunk[] = [];
  for await (const chunk of remux(file, 'once')) chunks.push(chunk);
  file.close();
  return chunks;
}

describe('a fragment moved to a later time', () => {
  it('starts later by the same time on every track, and is otherwise the same', async () => {
    const [, chunk] = await twoChunks();
    const tracks = readTracks(chunk!.init);
    const offsetUs = 30_022_000 * 12_345;
    const moved = shiftFragment(chunk!.bytes, tracks, offsetUs, 77);
    const [before, after] = [readTrackFragments(chunk!.bytes), readTrackFragments(moved)];
    expect(after).toHaveLength(before.length);
    for (const [n, fragment] of before.entries()) {
      const { timescale } = tracks.find(({ id }) => id === fragment.id)!;
      expect(after[n]).toEqual({ ...fragment, baseDecodeTime: fragment.baseDecodeTime + unitsOf(offsetUs, timescale) });
    }
    expect(moved.length).toBe(chunk!.bytes.length);
    const differing = moved.reduce((count, byte, at) => count + (byte === chunk!.bytes[at] ? 0 : 1), 0);
    // Eight bytes of decode time for each track fragment, and four of a sequence number for each fragment.
    expect(differing).toBeLessThanOrEqual(12 * before.length);
    expect(differing).toBeGreaterThan(4);
  });

  it('leaves the original alone', async () => {
    const [chunk] = await twoChunks();
    const copy = Buffer.from(Uint8Array.from(chunk!.bytes));
    shiftFragment(chunk!.bytes, readTracks(chunk!.init), 1e6, 9);
    expect(copy.equals(chunk!.bytes)).toBe(true);
  });

  it.each([
    ['no fragment at all', new Uint8Array(16)],
    ['a box longer than its file', Uint8Array.from([0, 0, 1, 0, 0x6d, 0x6f, 0x6f, 0x66])],
  ])('is refused where there is %s', (_, bytes) => {
    expect(() => shiftFragment(bytes, [], 0, 1)).toThrow(RangeError);
  });
});

describe('units of a timescale', () => {
  it.each([
    [0, 48_000, 0n],
    [1_000_000, 57_600, 57_600n],
    // Rounded once from the whole: a thousand loops of 30.022 s are not a thousand times a rounded one.
    [30_022_000 * 1000, 57_600, 1_729_267_200n],
    [10, 48_000, 0n],
    [11, 48_000, 1n],
  ])('%d us at %d a second are %d', (us, timescale, units) => {
    expect(unitsOf(us, timescale)).toBe(units);
  });
});
