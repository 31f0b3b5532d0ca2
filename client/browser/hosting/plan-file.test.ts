import { BlobSource } from 'mediabunny';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMedia, type MediaFile } from '#ingest/media-file';
import { packageMedia } from '#ingest/package-media';
import { remux, type RemuxedChunk } from '#ingest/remux';
import { writeClip, type Clip } from '#ingest/testing/synthetic-clip';
import { makeChunk, planFile } from './plan-file.ts';

const DEMO = new URL('../../../media/demo.mp4', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-'));
});
afterAll(() => rm(folder, { recursive: true }));

const open = async (path: string): Promise<MediaFile> => openMedia({ source: new BlobSource(await openAsBlob(path)) }, path);

async function remuxed(path: string): Promise<RemuxedChunk[]> {
  const file = await open(path);
  const chunks: RemuxedChunk[] = [];
  for await (const chunk of remux(file, 'once')) chunks.push(chunk);
  file.close();
  return chunks;
}

describe('a planned file', () => {
  it.each<[string, Clip | string]>([
    ['the demo clip', DEMO],
    ['keyframes every 2 s', { seconds: 7 }],
    ['pictures shown in another order than decoded', { seconds: 7, isReordered: true }],
    ['keyframes at odd places', { seconds: 9, keyframes: [0, 13, 80, 90, 200] }],
    ['sound that ends later', { seconds: 5, audioSeconds: 6.5 }],
    ['no sound', { seconds: 5, audio: 'none' }],
    ['no picture', { seconds: 5, video: 'none' }],
  ])('%s: has the cuts and the bytes of packaging in one go, whatever order chunks are made in', async (name, clip) => {
    const path = typeof clip === 'string' ? clip : await writeClip(join(folder, `${name.replaceAll(' ', '-')}.mp4`), clip);
    const expected = await remuxed(path);
    const file = await open(path);
    const plan = await planFile(file);
    expect(plan.stream.durationsUs).toEqual(expected.map(({ durationUs }) => durationUs));
    expect(plan.chunks.map(({ startUs }) => startUs)).toEqual(expected.map(({ startUs }) => startUs));
    for (const index of [...expected.keys()].reverse()) {
      const bytes = await makeChunk(file, plan, index);
      expect(Buffer.from(bytes).equals(expected[index]!.bytes), `chunk ${index}`).toBe(true);
    }
    const facts = await packageMedia({
      file, mode: 'once', stream: 0, name: '',
      store: async (chunk) => ({ ...chunk, bytes: chunk.bytes.length, root: new Uint8Array(), hashes: new Uint8Array() }),
    });
    const { durationsUs: _durations, bandwidth, averageBandwidth, ...planned } = plan.stream;
    expect(facts).toMatchObject(planned);
    // Planned by the media alone; the boxes around it are a few per cent of a real film.
    expect(averageBandwidth).toBeLessThanOrEqual(facts.averageBandwidth);
    expect(bandwidth).toBeLessThanOrEqual(facts.bandwidth);
    file.close();
  });
});
