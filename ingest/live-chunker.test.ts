import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatenate } from './boxes.ts';
import { FragmentStream } from './fragment-stream.ts';
import { readTrackFragments, readTracks } from './fragment.ts';
import { LiveChunker, type LiveChunk, type LiveChunkerNeeds } from './live-chunker.ts';
import { remux } from './remux.ts';
import { openClip } from './testing/open-clip.ts';
import { writeClip } from './testing/synthetic-clip.ts';

let folder: string;
let init: Uint8Array;
/** Eight seconds in fragments of 0.1 to 0.5 s. */
let fragments: Uint8Array[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  const file = await openClip(await writeClip(join(folder, 'a.mp4'), { seconds: 8 }));
  const stream = new FragmentStream();
  fragments = [];
  for await (const chunk of remux(file, 'once')) {
    init = Uint8Array.from(chunk.init);
    fragments.push(...stream.push(chunk.bytes).map((part) => part.bytes));
  }
  file.close();
});
afterAll(() => rm(folder, { recursive: true }));

function chunksOf(needs: Partial<LiveChunkerNeeds> = {}, from = 0): LiveChunk[] {
  const chunker = new LiveChunker({ init, startUs: 0, firstIndex: 0, targetUs: 2_000_000, ...needs });
  const chunks = fragments.slice(from).map((fragment) => chunker.push(fragment)).filter((chunk) => chunk !== undefined);
  const rest = chunker.flush();
  return rest ? [...chunks, rest] : chunks;
}

describe('a live source in chunks', () => {
  it('is done with a chunk as soon as it is long enough, and chunks follow each other to the microsecond', () => {
    for (const targetUs of [1_000_000, 2_000_000]) {
      const chunks = chunksOf({ targetUs });
      for (const [n, chunk] of chunks.entries()) {
        expect(chunk.startUs).toBe(n === 0 ? 0 : chunks[n - 1]!.startUs + chunks[n - 1]!.durationUs);
        if (n < chunks.length - 1) expect(chunk.durationUs).toBeGreaterThanOrEqual(targetUs * 0.75);
        expect(chunk.durationUs).toBeLessThan(targetUs * 0.75 + 600_000);
      }
      expect(chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0)).toBe(8_000_000);
    }
  });

  it('has the times of the channel, whatever the source counts from', () => {
    const startUs = 7_200_000_000;
    // Without its beginning the source starts at some second of its own.
    for (const from of [0, 5]) {
      const [first] = chunksOf({ startUs }, from);
      for (const { id, baseDecodeTime } of readTrackFragments(first!.bytes)) {
        const { timescale } = readTracks(init).find((track) => track.id === id)!;
        expect(Number(baseDecodeTime) / timescale).toBeGreaterThan(7199.9);
        expect(Number(baseDecodeTime) / timescale).toBeLessThan(7203);
      }
      const { timescale, id } = readTracks(init).find((track) => track.isVideo)!;
      expect(Number(readTrackFragments(first!.bytes).find((part) => part.id === id)!.baseDecodeTime) / timescale).toBeCloseTo(7200, 3);
    }
  });

  it('keeps every sample of every track', () => {
    const samples = (bytes: Uint8Array): number[] => readTracks(init).map(({ id }) => readTrackFragments(bytes).filter((part) => part.id === id).reduce((sum, part) => sum + part.samples, 0));
    expect(samples(concatenate(chunksOf().map((chunk) => chunk.bytes)))).toEqual(samples(concatenate(fragments)));
  });

  it('has nothing to flush where nothing came', () => {
    expect(new LiveChunker({ init, startUs: 0, firstIndex: 0, targetUs: 1 }).flush()).toBeUndefined();
  });

  it('refuses a fragment that does not hold together', () => {
    expect(() => new LiveChunker({ init, startUs: 0, firstIndex: 0, targetUs: 1 }).push(fragments[0]!.subarray(0, 300))).toThrow(RangeError);
  });
});
