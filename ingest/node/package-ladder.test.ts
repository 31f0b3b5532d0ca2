import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { packageLadder } from './package-ladder.ts';
import { decode, hasFfmpeg, runFfmpeg, testSource } from './testing/ffmpeg.ts';
import { copyAsHls } from './testing/hls-copy.ts';
import { chooseHeights } from './transcode-ladder.ts';

describe('the heights of a ladder', () => {
  it.each([
    ['what is higher than the source is left out', [1080, 720, 480, 240], 720, [480, 720, 240]],
    ['the first is what most can play at once', [1080, 720, 480, 240], 2160, [480, 1080, 720, 240]],
    ['without such a one the lowest', [1080, 720], 1080, [720, 1080]],
    ['a source below all stays as high as it is', [1080, 720], 361, [360]],
    ['each once', [480, 480], 480, [480]],
  ])('%s', (_, heights, lines, chosen) => expect(chooseHeights(heights, lines)).toEqual(chosen));
});

describe.runIf(hasFfmpeg)('a film in several qualities', () => {
  it('has a stream for each, cut at the same moments, also of what browsers do not play', async () => {
    const folder = await temporaryFolder();
    const film = join(folder, 'hevc.mkv');
    // Keyframes where nobody wants them, and sound that browsers do not play either.
    await runFfmpeg([...testSource(7, '640x360', 30), '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=71', '-c:a', 'ac3', film]);
    const progress: number[] = [];
    const root = join(folder, 'packages');
    const pack = await packageLadder(film, [720, 360, 240, 180], { root, onProgress: (ratio) => progress.push(ratio) });
    expect(pack.streams.map(({ facts }) => [facts.id, facts.name, facts.width, facts.height, facts.kind])).toEqual([[0, '360p', 640, 360, 'muxed'], [1, '240p', 426, 240, 'muxed'], [2, '180p', 320, 180, 'muxed']]);
    const cuts = pack.streams.map(({ chunks }) => chunks.slice(0, -1).map(({ startUs }) => startUs));
    expect(cuts[0]).toEqual([0, 2_000_000, 4_000_000]);
    for (const other of cuts) expect(other).toEqual(cuts[0]);
    expect(pack.streams[0]!.facts.averageBandwidth).toBeGreaterThan(pack.streams[2]!.facts.averageBandwidth);
    const master = await copyAsHls(pack, join(folder, 'hls'));
    for (const { facts } of pack.streams) expect(await decode(master.replace('master.m3u8', `${facts.id}/playlist.m3u8`))).toBe('');
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(await readdir(root)).toEqual([pack.id]);
  });

  it('may stand upright, and be mute', async () => {
    const folder = await temporaryFolder();
    const film = join(folder, 'upright.mp4');
    await runFfmpeg([...testSource(2, '270x480'), '-map', '0:v', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', film]);
    const { streams } = await packageLadder(film, [240], { root: folder });
    expect(streams.map(({ facts }) => [facts.width, facts.height, facts.kind])).toEqual([[240, 426, 'video']]);
  });

  it('is refused with a sentence where there is no picture, and leaves nothing behind', async () => {
    const root = await temporaryFolder();
    await expect(packageLadder(import.meta.filename, [240], { root })).rejects.toThrow(/nothing that ffmpeg finds a picture in/);
    expect(await readdir(root)).toEqual([]);
  });
});

describe('without ffmpeg', () => {
  it('a ladder is refused with a sentence', async () => {
    vi.stubEnv('FFMPEG_PATH', '/nowhere');
    await expect(packageLadder('film.mp4', [240], { root: await temporaryFolder() })).rejects.toThrow(/^--ladder needs ffmpeg/);
    vi.unstubAllEnvs();
  });
});
