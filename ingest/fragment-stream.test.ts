import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FragmentStream, type FragmentPart } from './fragment-stream.ts';
import { remux } from './remux.ts';
import { openClip } from './testing/open-clip.ts';
import { writeClip } from './testing/synthetic-clip.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

/** A clip as a live encoder would write it: the header, then fragments. */
async function stream(): Promise<{ init: Uint8Array; bytes: Uint8Array }> {
  const file = await openClip(await writeClip(join(await temporaryFolder(), 'a.mp4'), { seconds: 4 }));
  const chunks: Uint8Array[] = [];
  let init = new Uint8Array();
  for await (const chunk of remux(file, 'once')) {
    init = Uint8Array.from(chunk.init);
    chunks.push(chunk.bytes);
  }
  file.close();
  return { init, bytes: Buffer.concat([init, ...chunks]) };
}

function cut(bytes: Uint8Array, sizes: readonly number[]): FragmentPart[] {
  const from = new FragmentStream();
  const parts: FragmentPart[] = [];
  let at = 0;
  for (let n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length]!;
    parts.push(...from.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return parts;
}

describe('a stream of fragmented MP4', () => {
  it('gives the same parts however it arrives, and loses nothing', async () => {
    const { init, bytes } = await stream();
    const whole = cut(bytes, [bytes.length]);
    expect(whole[0]).toMatchObject({ kind: 'init' });
    expect(Buffer.from(whole[0]!.bytes).equals(init)).toBe(true);
    expect(whole.length).toBeGreaterThan(5);
    expect(Buffer.concat(whole.map((part) => part.bytes)).equals(bytes)).toBe(true);
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      expect(cut(bytes, sizes)).toEqual(whole);
    }), { numRuns: 30 });
  });

  it('passes over what is neither header nor media', async () => {
    const { bytes } = await stream();
    const free = Uint8Array.from([0, 0, 0, 12, 0x66, 0x72, 0x65, 0x65, 1, 2, 3, 4]);
    expect(cut(Buffer.concat([free, bytes, free]), [100])).toEqual(cut(bytes, [100]));
  });

  it.each([
    ['text', Buffer.from('Once upon a time there was no video at all')],
    ['a box larger than anything may be', Uint8Array.from([0x7f, 0xff, 0xff, 0xff, 0x6d, 0x64, 0x61, 0x74])],
    ['a header larger than any', Uint8Array.from([0, 0x10, 0, 0, 0x6d, 0x6f, 0x6f, 0x76])],
    ['a box smaller than its own header', Uint8Array.from([0, 0, 0, 4, 0x6d, 0x6f, 0x6f, 0x66])],
  ])('is refused where it is %s', (_, bytes) => {
    expect(() => new FragmentStream().push(bytes)).toThrow(RangeError);
  });
});
