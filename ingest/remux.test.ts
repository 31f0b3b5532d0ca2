import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrackFragments, readTracks, type TrackFragment } from './fragment.ts';
import { remux, type RemuxedChunk, type RemuxMode } from './remux.ts';
import { openClip } from './testing/open-clip.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { writeClip, type Clip } from './testing/synthetic-clip.ts';

async function remuxFile(path: string, mode: RemuxMode = 'once'): Promise<RemuxedChunk[]> {
  const file = await openClip(path);
  const chunks: RemuxedChunk[] = [];
  for await (const chunk of remux(file, mode)) chunks.push(chunk);
  file.close();
  return chunks;
}

const remuxClip = async (clip: Clip, mode?: RemuxMode, name = 'clip.mp4'): Promise<RemuxedChunk[]> =>
  remuxFile(await writeClip(join(await temporaryFolder(), name), clip), mode);

/** Per track: its fragments in order with start and end in seconds. */
function timelines(chunks: readonly RemuxedChunk[]): { start: number; end: number; fragment: TrackFragment }[][] {
  return readTracks(chunks[0]!.init).map(({ id, timescale }) =>
    chunks.flatMap(({ bytes }) => readTrackFragments(bytes).filter((one) => one.id === id)).map((fragment) => {
      const start = Number(fragment.baseDecodeTime) / timescale;
      return { start, end: start + fragment.duration / timescale, fragment };
    }),
  );
}

function expectGapless(chunks: readonly RemuxedChunk[]): void {
  const tracks = readTracks(chunks[0]!.init);
  for (const [at, timeline] of timelines(chunks).entries()) {
    for (let n = 1; n < timeline.length; n++) {
      // One unit of the timescale: what rounding a sum may cost.
      expect(Math.abs(timeline[n]!.start - timeline[n - 1]!.end)).toBeLessThanOrEqual(1 / tracks[at]!.timescale + 1e-9);
    }
  }
}

function expectExactClock(chunks: readonly RemuxedChunk[]): void {
  expect(chunks[0]!.startUs).toBe(0);
  for (let n = 1; n < chunks.length; n++) expect(chunks[n]!.startUs).toBe(chunks[n - 1]!.startUs + chunks[n - 1]!.durationUs);
}

describe('a remuxed file', () => {
  it('is cut at keyframes into chunks of two seconds that follow each other without a gap', async () => {
    const chunks = await remuxClip({ seconds: 7 });
    expect(chunks.map(({ durationUs }) => durationUs)).toEqual([2_000_000, 2_000_000, 2_000_000, 1_018_667]);
    expectGapless(chunks);
    expectExactClock(chunks);
  });

  it('shares one media header between all its chunks, the same whenever it is made', async () => {
    const first = await remuxClip({ seconds: 5 });
    const later = await remuxClip({ seconds: 5 });
    for (const chunk of [...first, ...later]) expect(Buffer.from(chunk.init).equals(first[0]!.init)).toBe(true);
    expect(later.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(first.map(({ bytes }) => Buffer.from(bytes).toString('hex')));
  });

  it('sends each sound packet with the picture it starts under', async () => {
    const chunks = await remuxClip({ seconds: 6 });
    for (const chunk of chunks) {
      const [picture, sound] = timelines([chunk]).map((fragments) => fragments[0]!.start);
      expect(sound).toBeGreaterThanOrEqual(picture! - 1e-9);
      expect(sound).toBeLessThan(picture! + 1024 / 48_000);
    }
  });

  it('keeps reordered pictures in decode order and its clock unbroken', async () => {
    const chunks = await remuxClip({ seconds: 6, isReordered: true });
    expect(chunks.map(({ samples }) => samples)).toEqual([50, 50, 50]);
    expectGapless(chunks);
  });

  it('does not drift at a frame rate that no clock divides', async () => {
    const chunks = await remuxClip({ seconds: 60, framesPerSecond: 30_000 / 1001, audio: 'none', keyframes: Array.from({ length: 30 }, (_, n) => n * 60) });
    expectExactClock(chunks);
    expectGapless(chunks);
    // The file's own clock of 57,600 units a second is as exact as its times are.
    expect(Math.abs(chunks.at(-1)!.startUs - ((chunks.length - 1) * 60 * 1001 * 1e6) / 30_000)).toBeLessThan(1e6 / 57_600);
  });

  it('may be sound alone', async () => {
    const chunks = await remuxClip({ seconds: 5, video: 'none' });
    expect(chunks).toHaveLength(3);
    expect(chunks[0]!.durationUs / 1e6).toBeCloseTo(2, 1);
    expectGapless(chunks);
  });

  it('may be pictures alone, and Matroska', async () => {
    const chunks = await remuxClip({ seconds: 4, audio: 'none', video: 'vp9' }, 'once', 'clip.mkv');
    expect(chunks).toHaveLength(2);
    expect(readTracks(chunks[0]!.init)).toHaveLength(1);
  });

  it('keeps sound that outlasts the picture when it plays once', async () => {
    const [video, audio] = timelines(await remuxClip({ seconds: 4, audioSeconds: 4.5 }, 'once'));
    expect(audio!.at(-1)!.end - video!.at(-1)!.end).toBeGreaterThan(0.4);
  });

  it.each([[4, 4.5], [4.5, 4]])('ends both tracks together when it loops (picture %d s, sound %d s)', async (seconds, audioSeconds) => {
    const [video, audio] = timelines(await remuxClip({ seconds, audioSeconds }, 'loop'));
    expect(Math.abs(audio!.at(-1)!.end - video!.at(-1)!.end)).toBeLessThan(0.05);
  });

  it('refuses a chunk larger than the wire allows', async () => {
    await expect(remuxClip({ seconds: 20, framesPerSecond: 5, bytesPerFrame: 400_000, keyframes: [0], audio: 'none' })).rejects.toMatchObject({ reason: 'chunkTooLarge' });
  });
});

const REAL = [join(import.meta.dirname, '../media/demo.mp4'), join(import.meta.dirname, '../../shared/media/bbb-480p-30s.mp4')].filter((path) => existsSync(path));

describe.runIf(REAL.length > 0)('a real clip', () => {
  it.each(REAL)('%s has no gap and no drift', async (path) => {
    const chunks = await remuxFile(path, 'loop');
    expectGapless(chunks);
    expectExactClock(chunks);
    const ends = timelines(chunks).map((timeline) => timeline.at(-1)!.end);
    expect(Math.abs(ends[0]! - ends[1]!)).toBeLessThan(0.05);
  });
});
