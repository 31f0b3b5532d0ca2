import { describe, expect, it } from 'vitest';
import { find, viewOf, whole } from './boxes.ts';
import { readTrackFragments, readTracks } from './fragment.ts';
import { remux, type RemuxedChunk } from './remux.ts';
import { splitFragment } from './split-fragment.ts';
import { openClip } from './testing/open-clip.ts';

const DEMO = new URL('../media/demo.mp4', import.meta.url).pathname;

async function firstChunk(): Promise<RemuxedChunk> {
  const file = await openClip(DEMO);
  try {
    for await (const chunk of remux(file, 'once')) return chunk;
    throw new Error('the demo clip has no chunk');
  } finally {
    file.close();
  }
}

/** Payloads of all mdat boxes, track after track as they lie. */
const mediaBytes = (chunk: Uint8Array): number =>
  [...find(viewOf(chunk), whole(chunk), ['mdat'])].reduce((sum, mdat) => sum + mdat.end - mdat.start, 0);

describe('a chunk cut into fragments', () => {
  it('starts with a tenth of a second, and goes on in half seconds', async () => {
    const { bytes, init } = await firstChunk();
    const tracks = readTracks(init);
    const video = readTrackFragments(bytes).filter((part) => part.id === tracks[0]!.id);
    const seconds = video.map((part) => part.duration / tracks[0]!.timescale);
    expect(seconds.map((length) => Math.round(length * 100) / 100)).toEqual([0.12, 0.4, 0.48, 0.52, 0.48]);
    expect([...find(viewOf(bytes), whole(bytes), ['moof'])]).toHaveLength(5);
  });

  it('can show its first frame with a small part of its bytes', async () => {
    const { bytes } = await firstChunk();
    const [, second] = [...find(viewOf(bytes), whole(bytes), ['moof'])];
    expect(second!.start / bytes.length).toBeLessThan(0.5);
  });

  it('keeps every sample and its time, track by track', async () => {
    const { bytes, init } = await firstChunk();
    for (const { id } of readTracks(init)) {
      const parts = readTrackFragments(bytes).filter((part) => part.id === id);
      let at = parts[0]!.baseDecodeTime;
      for (const part of parts) {
        expect(part.baseDecodeTime).toBe(at);
        at += BigInt(part.duration);
      }
    }
    expect(mediaBytes(bytes)).toBeGreaterThan(0.9 * bytes.length);
  });

  it('is the same however often one fragment of it is cut', async () => {
    const { bytes, init } = await firstChunk();
    const view = viewOf(bytes);
    const [, second] = [...find(view, whole(bytes), ['moof'])];
    const first = bytes.slice(0, second!.start - 8);
    expect(Buffer.from(splitFragment(splitFragment(first, readTracks(init)), readTracks(init)))).toEqual(Buffer.from(splitFragment(first, readTracks(init))));
  });

  it('is refused where samples point outside of it', async () => {
    const { bytes, init } = await firstChunk();
    const view = viewOf(bytes);
    const [, second] = [...find(view, whole(bytes), ['moof'])];
    expect(() => splitFragment(bytes.slice(0, second!.start - 8 - 20), readTracks(init))).toThrow(RangeError);
    expect(() => splitFragment(new Uint8Array(100), readTracks(init))).toThrow(RangeError);
  });
});
