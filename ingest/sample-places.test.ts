import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BufferSource } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { box, concatenate, words } from './boxes.ts';
import { openMedia, type MediaFile } from './media-file.ts';
import { remux, type RemuxedChunk } from './remux.ts';
import { readSamplePlaces, type ByteFile } from './sample-places.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { writeClip, type Clip } from './testing/synthetic-clip.ts';

const inMemory = (bytes: Uint8Array, isRead = { bytes: 0 }): ByteFile => ({
  size: bytes.length,
  read(offset, length) {
    const part = bytes.slice(offset, offset + length);
    isRead.bytes += part.length;
    return Promise.resolve(part);
  },
  close: () => Promise.resolve(),
});

async function chunksOf(file: MediaFile): Promise<RemuxedChunk[]> {
  const chunks: RemuxedChunk[] = [];
  for await (const chunk of remux(file, 'once')) chunks.push(chunk);
  file.close();
  return chunks;
}

const clipBytes = async (clip: Clip): Promise<Uint8Array> => new Uint8Array(await readFile(await writeClip(join(await temporaryFolder(), 'clip.mp4'), clip)));

/** stbl of one track around these tables, as it stands in a file of `padding` bytes behind the index. */
function fileWith(tables: readonly Uint8Array[], padding = 1000): Uint8Array {
  const stsd = box('stsd', words(0, 0, [1]), box('avc1'));
  const trak = box('trak', box('tkhd', words(0, 0, [0, 0, 7])), box('mdia', box('minf', box('stbl', stsd, ...tables))));
  return concatenate([box('ftyp'), box('moov', trak), box('mdat', new Uint8Array(padding))]);
}

const SIZES = box('stsz', words(0, 0, [0, 5, 10, 20, 30, 40, 50]));
const RUNS = box('stsc', words(0, 0, [2, 1, 2, 1, 3, 1, 1]));

describe('the places of samples', () => {
  it.each<[string, Clip]>([
    ['picture and sound', { seconds: 7 }],
    ['reordered pictures', { seconds: 6, isReordered: true }],
    ['a frame rate that no clock divides', { seconds: 9, framesPerSecond: 30_000 / 1001, keyframes: [0, 60, 120, 200] }],
    ['sound alone', { seconds: 5, video: 'none' }],
    ['pictures alone', { seconds: 5, audio: 'none', video: 'vp9' }],
    ['sound that outlasts the picture', { seconds: 4, audioSeconds: 4.5 }],
  ])('lead to the same chunks as reading packet by packet: %s', async (_, clip) => {
    const bytes = await clipBytes(clip);
    const isRead = { bytes: 0 };
    const direct = await openMedia({ source: new BufferSource(bytes), file: inMemory(bytes, isRead) }, 'clip');
    const chunks = await chunksOf(direct);
    const expected = await chunksOf(await openMedia({ source: new BufferSource(bytes) }, 'clip'));
    expect(chunks).toEqual(expected);
    expect(direct.direct).toBeDefined();
    expect(isRead.bytes).toBeGreaterThan(bytes.length / 2);
  });

  it('follow runs of chunks that hold different numbers of samples', async () => {
    const places = await readSamplePlaces(inMemory(fileWith([SIZES, RUNS, box('stco', words(0, 0, [3, 100, 300, 500]))])));
    expect(Array.from(places!.get(7)!.offsets)).toEqual([100, 110, 300, 330, 500]);
    expect(Array.from(places!.get(7)!.sizes)).toEqual([10, 20, 30, 40, 50]);
  });

  it('may lie beyond four gigabytes', async () => {
    const far = 5 * 2 ** 32 + 100;
    const file = inMemory(fileWith([SIZES, RUNS, box('co64', words(0, 0, [3, 5, 100, 5, 300, 5, 500]))]));
    expect((await readSamplePlaces({ ...file, size: 2 ** 40 }))!.get(7)!.offsets[0]).toBe(far);
  });

  it.each<[string, Uint8Array]>([
    ['samples beyond the end of the file', fileWith([SIZES, RUNS, box('stco', words(0, 0, [3, 100, 300, 5000]))])],
    ['chunks for fewer samples than there are sizes', fileWith([SIZES, RUNS, box('stco', words(0, 0, [1, 100]))])],
    ['a size table that is longer than its box', fileWith([box('stsz', words(0, 0, [0, 2 ** 31, 1])), RUNS, box('stco', words(0, 0, [3, 1, 2, 3]))])],
    ['an offset table that is longer than its box', fileWith([SIZES, box('stsc', words(0, 0, [1, 1, 1, 1])), box('stco', words(0, 0, [2 ** 31, 1]))])],
    ['nothing', new Uint8Array(0)],
  ])('are left to mediabunny where there are %s', async (_, bytes) => {
    const places = await readSamplePlaces(inMemory(bytes));
    expect(places?.get(7)).toBeUndefined();
  });

  it('of a damaged index never throw', async () => {
    const bytes = await clipBytes({ seconds: 2 });
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 }), async (changes) => {
      const damaged = bytes.slice();
      for (const [at, value] of changes) damaged[at] = value;
      await readSamplePlaces(inMemory(damaged));
    }));
  });
});
