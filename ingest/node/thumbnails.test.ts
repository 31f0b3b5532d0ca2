import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeClip } from '../testing/synthetic-clip.ts';
import { findFfmpeg } from './ffmpeg.ts';
import { openPackage, type MediaPackage } from './media-package.ts';
import { packageFile } from './package-file.ts';
import { hasFfmpeg, runFfmpeg, testSource } from './testing/ffmpeg.ts';
import { sizeWithin, thumbnailsOf } from './thumbnails.ts';

const ffmpeg = findFfmpeg()!;
const still = new AbortController().signal;

/** Average colour of a part of a picture, red, green and blue. */
async function colourAt(picture: string, part: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)(ffmpeg, ['-loglevel', 'error', '-i', picture, '-vf', `crop=${part},scale=1:1`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'], { encoding: 'buffer' });
  return [...stdout.subarray(0, 3)];
}

async function filmOf(folder: string, framesBetweenKeys: number, ...source: string[]): Promise<MediaPackage> {
  const film = join(folder, 'film.mp4');
  await runFfmpeg([...source, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(framesBetweenKeys), '-pix_fmt', 'yuv420p', film]);
  return packageFile(film, 'once', { root: join(folder, 'packages') });
}

describe('the size of a picture for the seek bar', () => {
  it.each([
    [{ width: 1920, height: 1080 }, { width: 160, height: 90 }],
    [{ width: 1080, height: 1920 }, { width: 90, height: 160 }],
    [{ width: 4000, height: 10 }, { width: 160, height: 2 }],
  ])('of %j is %j', (film, size) => expect(sizeWithin(film)).toEqual(size));
});

describe.runIf(hasFfmpeg)('pictures for the seek bar', () => {
  it('show each chunk as it begins, in one sheet', async () => {
    const folder = await temporaryFolder();
    // Red for two seconds, then blue, then red again.
    const pack = await filmOf(folder, 50, '-f', 'lavfi', '-i', "color=red:s=320x180:r=25:d=6,drawbox=color=blue:t=fill:enable='between(t,1.99,3.99)'");
    const made = (await thumbnailsOf(pack, ffmpeg, still))!;
    expect(made.thumbnails).toMatchObject({ stream: 0, every: 1, columns: 3, width: 160, height: 90, sheet: { type: 'image/jpeg', bytes: made.sheet.bytes.length } });
    const sheet = join(folder, 'sheet.jpg');
    await writeFile(sheet, made.sheet.bytes);
    const colours = await Promise.all([0, 160, 320].map((x) => colourAt(sheet, `160:90:${x}:0`)));
    expect(colours.map(([red, , blue]) => (red! > blue! ? 'red' : 'blue'))).toEqual(['red', 'blue', 'red']);
  });

  it('are made once, and gone when their sheet is', async () => {
    const folder = await temporaryFolder();
    const pack = await filmOf(folder, 50, ...testSource(5, '320x180', 25));
    const made = await thumbnailsOf(pack, ffmpeg, still);
    // There is no such program: they are those of before.
    expect(await thumbnailsOf((await openPackage(join(folder, 'packages'), pack.id))!, '/nowhere/ffmpeg', still)).toEqual(made);
    await rm(join(pack.folder, 'thumbnails.jpg'));
    expect(await thumbnailsOf(pack, '/nowhere/ffmpeg', still)).toBeUndefined();
  });

  it('are at most a hundred, however long the film is', async () => {
    const pack = await filmOf(await temporaryFolder(), 4, '-f', 'lavfi', '-i', 'color=green:s=32x18:r=2:d=450');
    expect(pack.streams[0]!.chunks).toHaveLength(225);
    const { thumbnails, sheet } = (await thumbnailsOf(pack, ffmpeg, still))!;
    expect(thumbnails).toMatchObject({ every: 3, columns: 10 });
    // The height of a JPEG stands behind its marker SOF0 (ITU-T T.81, B.2.2).
    const bytes = Buffer.from(sheet.bytes);
    expect(bytes.readUInt16BE(bytes.indexOf(Buffer.of(0xff, 0xc0)) + 5)).toBe(8 * thumbnails.height);
  });

  it('of what cannot be decoded are none', async () => {
    const folder = await temporaryFolder();
    const pack = await packageFile(await writeClip(join(folder, 'noise.mp4'), { seconds: 4 }), 'once', { root: join(folder, 'packages') });
    expect(await thumbnailsOf(pack, ffmpeg, still)).toBeUndefined();
  });

  it('of sound alone are none', async () => {
    const folder = await temporaryFolder();
    const pack = await packageFile(await writeClip(join(folder, 'sound.mp4'), { seconds: 4, video: 'none' }), 'once', { root: join(folder, 'packages') });
    expect(await thumbnailsOf(pack, ffmpeg, still)).toBeUndefined();
  });
});
