import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeClip } from '../testing/synthetic-clip.ts';
import { findFfmpeg } from './ffmpeg.ts';
import { chunkPath, openPackage, type MediaPackage } from './media-package.ts';
import { packageFile } from './package-file.ts';
import { packageHls } from './package-hls.ts';
import { hasFfmpeg, runFfmpeg, testSource } from './testing/ffmpeg.ts';
import { thumbnailsOf, type ThumbnailJob, type ThumbnailSheet } from './thumbnails.ts';

const ffmpeg = findFfmpeg()!;

const made = (pack: MediaPackage, program = ffmpeg, readRemote: ThumbnailJob['readRemote'] = () => Promise.resolve(undefined)): Promise<ThumbnailSheet | undefined> =>
  thumbnailsOf({ pack, readRemote, ffmpeg: program, signal: new AbortController().signal });

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

/** Red for two seconds, then blue, then red again. */
const SCENES = ['-f', 'lavfi', '-i', "color=red:s=320x180:r=25:d=6,drawbox=color=blue:t=fill:enable='between(t,1.99,3.99)'"];
const coloursOf = async (folder: string, { sheet }: ThumbnailSheet): Promise<string[]> => {
  const file = join(folder, 'sheet.jpg');
  await writeFile(file, sheet.bytes);
  const colours = await Promise.all([0, 160, 320].map((x) => colourAt(file, `160:90:${x}:0`)));
  return colours.map(([red, , blue]) => (red! > blue! ? 'red' : 'blue'));
};

describe.runIf(hasFfmpeg)('pictures for the seek bar', () => {
  it('show each chunk as it begins, in one sheet', async () => {
    const folder = await temporaryFolder();
    const pack = await filmOf(folder, 50, ...SCENES);
    const drawn = (await made(pack))!;
    expect(drawn.thumbnails).toMatchObject({ stream: 0, every: 1, columns: 3, width: 160, height: 90, sheet: { type: 'image/jpeg', bytes: drawn.sheet.bytes.length } });
    expect(await coloursOf(folder, drawn)).toEqual(['red', 'blue', 'red']);
  });

  it('are made once, and gone when their sheet is', async () => {
    const folder = await temporaryFolder();
    const pack = await filmOf(folder, 50, ...testSource(5, '320x180', 25));
    const before = await made(pack);
    // There is no such program: they are those of before.
    expect(await made((await openPackage(join(folder, 'packages'), pack.id))!, '/nowhere/ffmpeg')).toEqual(before);
    await rm(join(pack.folder, 'thumbnails.jpg'));
    expect(await made(pack, '/nowhere/ffmpeg')).toBeUndefined();
  });

  it('are at most a hundred, however long the film is', async () => {
    const pack = await filmOf(await temporaryFolder(), 4, '-f', 'lavfi', '-i', 'color=green:s=32x18:r=2:d=450');
    expect(pack.streams[0]!.chunks).toHaveLength(225);
    const { thumbnails, sheet } = (await made(pack))!;
    expect(thumbnails).toMatchObject({ every: 3, columns: 10 });
    // The height of a JPEG stands behind its marker SOF0 (ITU-T T.81, B.2.2).
    const bytes = Buffer.from(sheet.bytes);
    expect(bytes.readUInt16BE(bytes.indexOf(Buffer.of(0xff, 0xc0)) + 5)).toBe(8 * thumbnails.height);
  });

  it('of what cannot be decoded are none', async () => {
    const folder = await temporaryFolder();
    const pack = await packageFile(await writeClip(join(folder, 'noise.mp4'), { seconds: 4 }), 'once', { root: join(folder, 'packages') });
    expect(await made(pack)).toBeUndefined();
  });

  it('of sound alone are none', async () => {
    const folder = await temporaryFolder();
    const pack = await packageFile(await writeClip(join(folder, 'sound.mp4'), { seconds: 4, video: 'none' }), 'once', { root: join(folder, 'packages') });
    expect(await made(pack)).toBeUndefined();
  });

  /** HLS of two qualities with several keyframes in each segment, as others make it. */
  async function hlsOf(folder: string, ...kind: string[]): Promise<MediaPackage> {
    for (const [name, rate] of [['high', '400k'], ['low', '40k']] as const) {
      await mkdir(join(folder, 'hls', name), { recursive: true });
      await runFfmpeg([...SCENES, '-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', rate, '-g', '10', '-pix_fmt', 'yuv420p', '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', ...kind, join(folder, 'hls', name, 'v.m3u8')]);
    }
    await writeFile(join(folder, 'hls', 'master.m3u8'), '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000\nhigh/v.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=40000\nlow/v.m3u8\n');
    return packageHls(join(folder, 'hls'), { root: join(folder, 'packages') });
  }

  it.each([['MPEG-TS', []], ['fMP4', ['-hls_segment_type', 'fmp4']]])('of a folder with HLS in %s show each segment as it begins', async (_, kind) => {
    const folder = await temporaryFolder();
    const drawn = (await made(await hlsOf(folder, ...kind)))!;
    expect(drawn.thumbnails).toMatchObject({ every: 1, columns: 3, width: 160, height: 90 });
    expect(await coloursOf(folder, drawn)).toEqual(['red', 'blue', 'red']);
  });

  it('of segments that stay elsewhere are made of the smallest quality, and a segment that cannot be had repeats the one before', async () => {
    const folder = await temporaryFolder();
    const pack = await hlsOf(folder);
    const remote = { ...pack, streams: pack.streams.map(({ facts, chunks }) => ({ facts, chunks: chunks.map((chunk) => ({ ...chunk, origin: { url: 'https://origin/', offset: 0 } })) })) };
    const least = [...pack.streams].sort((a, b) => a.facts.averageBandwidth - b.facts.averageBandwidth)[0]!;
    const asked: number[][] = [];
    const drawn = (await made(remote, ffmpeg, async (stream, chunk) => {
      asked.push([stream, chunk]);
      return chunk === 1 ? undefined : readFile(chunkPath(pack, least, chunk));
    }))!;
    expect(asked).toEqual([0, 1, 2].map((chunk) => [least.facts.id, chunk]));
    expect(await coloursOf(folder, drawn)).toEqual(['red', 'red', 'red']);
  });

  it('of what is encrypted are none', async () => {
    const folder = await temporaryFolder();
    const pack = await hlsOf(folder);
    const encrypted = { ...pack, streams: pack.streams.map(({ facts, chunks }) => ({ chunks, facts: { ...facts, keys: [{ from: 0, attributes: 'METHOD=AES-128' }] } })) };
    expect(await made(encrypted)).toBeUndefined();
  });
});
