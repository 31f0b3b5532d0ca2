import { describe, expect, it } from 'vitest';
import { EarlyRanges, firstFragmentBytes } from './early-range.ts';
import type { ServedChannel } from './served-channel.ts';

/** A box of that type with so many bytes in it. */
function box(type: string, bytes: number): Uint8Array {
  const whole = new Uint8Array(8 + bytes);
  new DataView(whole.buffer).setUint32(0, whole.length);
  whole.set(new TextEncoder().encode(type), 4);
  return whole;
}
const chunkOf = (...boxes: Uint8Array[]): Uint8Array => new Uint8Array(boxes.flatMap((one) => [...one]));
const CHUNK = chunkOf(box('styp', 16), box('moof', 100), box('mdat', 20_000), box('moof', 100), box('mdat', 60_000));

/** A film whose chunks are all these bytes; `reads` counts how often they were asked for. */
function film(chunk: Uint8Array, changes: Partial<ServedChannel> = {}): { readonly channel: ServedChannel; readonly reads: () => number } {
  let reads = 0;
  const channel = {
    id: 'channel',
    kind: 'vod',
    description: { streams: [{ id: 3, isProgressive: true }] },
    available: () => ({ first: 0, newest: 9 }),
    readChunk: () => {
      reads++;
      return Promise.resolve(chunk);
    },
    ...changes,
  } as unknown as ServedChannel;
  return { channel, reads: () => reads };
}

describe('the beginning that shows a picture', () => {
  it('is the first movie fragment with what stands before it', () => {
    expect(firstFragmentBytes(CHUNK)).toBe(24 + 108 + 20_008);
  });

  it.each([
    ['no box', new Uint8Array(100)],
    ['a box past the end', chunkOf(box('moof', 100)).slice(0, 50)],
    ['a transport stream', new Uint8Array(188 * 4).fill(0x47)],
    ['nothing', new Uint8Array(0)],
  ])('is nowhere in %s', (_what, bytes) => {
    expect(firstFragmentBytes(bytes)).toBeUndefined();
  });

  it('is asked for in whole pieces, and looked for once', async () => {
    const ranges = new EarlyRanges();
    const { channel, reads } = film(CHUNK);
    expect(await ranges.of(channel)).toEqual({ stream: 3, chunk: 0, bytes: 2 * 16_384 });
    await ranges.of(channel);
    expect(reads()).toBe(1);
  });

  it('is at most the chunk', async () => {
    expect(await new EarlyRanges().of(film(chunkOf(box('moof', 8), box('mdat', 100))).channel)).toMatchObject({ bytes: 124 });
  });

  it.each([
    ['live', film(CHUNK, { kind: 'live' })],
    ['not played by part', film(CHUNK, { description: { streams: [{ id: 3 }] } } as never)],
    ['damaged', film(CHUNK, { readChunk: () => Promise.reject(new Error('damaged')) })],
    ['of one large fragment', film(chunkOf(box('moof', 8), box('mdat', 400_000)))],
  ])('is not asked for where the channel is %s', async (_what, { channel }) => {
    expect(await new EarlyRanges().of(channel)).toBeUndefined();
  });
});
