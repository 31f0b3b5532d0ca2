// Films with several sounds and subtitles, as ffmpeg writes them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { base64ToBytes } from '#protocol/base64';
import { writeMasterPlaylist } from '#protocol/playlist';
import { readTrackFragments, readTracks } from '../fragment.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { chunkPath, type MediaPackage } from './media-package.ts';
import { packageFile } from './package-file.ts';
import { decode, hasFfmpeg, runFfmpeg, testSource } from './testing/ffmpeg.ts';
import { copyAsHls } from './testing/hls-copy.ts';

const SRT = '1\n00:00:01,000 --> 00:00:02,000\nGood evening.\n\n2\n00:00:05,000 --> 00:00:06,500\nGood night.\n';
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p'];
const GERMAN = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu'];

/** A film of 7 s with the sounds and subtitles that `args` make of a tone (1:a) and of words (2:s). */
async function film(name: string, ...args: string[]): Promise<{ folder: string; pack: MediaPackage }> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'words.srt'), SRT);
  await runFfmpeg([...testSource(7), '-i', join(folder, 'words.srt'), '-map', '0:v', ...args, ...H264, join(folder, name)]);
  return { folder, pack: await packageFile(join(folder, name), 'once', { root: join(folder, 'packages') }) };
}

const shapes = (pack: MediaPackage): unknown[] => pack.streams.map(({ facts }) => [facts.id, facts.kind, facts.language, facts.name]);

/** When a stream's first sample is decoded, seconds. */
async function startOf(pack: MediaPackage, stream: number): Promise<number> {
  const { facts } = pack.streams[stream]!;
  const [track] = readTracks(base64ToBytes(facts.init));
  const [first] = readTrackFragments(new Uint8Array(await readFile(chunkPath(pack, pack.streams[stream]!, 0))));
  return Number(first!.baseDecodeTime) / track!.timescale;
}

describe.runIf(hasFfmpeg)('a film with several languages', () => {
  it('has a stream for the picture, and one for each of them and its subtitles', async () => {
    const { folder, pack } = await film('film.mkv', '-map', '1:a', '-map', '1:a', '-map', '2:s', '-c:a', 'aac', '-c:s', 'srt', ...GERMAN, '-metadata:s:s:0', 'language=fre');
    expect(shapes(pack)).toEqual([[0, 'video', '', ''], [1, 'audio', 'en', 'English'], [2, 'audio', 'de', 'Deutsch'], [3, 'subtitles', 'fr', 'Français']]);
    const ends = pack.streams.map(({ chunks }) => chunks.at(-1)!.startUs + chunks.at(-1)!.durationUs);
    for (const end of ends) expect(Math.abs(end - 7e6)).toBeLessThan(0.05e6);
    for (const { chunks } of pack.streams) for (const [at, { startUs }] of chunks.entries()) expect(startUs).toBe(at === 0 ? 0 : chunks[at - 1]!.startUs + chunks[at - 1]!.durationUs);
    const words = await readFile(chunkPath(pack, pack.streams[3]!, 0), 'utf8');
    expect(words).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nGood evening.\n\n00:00:05.000 --> 00:00:06.500\nGood night.\n');
    const master = await copyAsHls({ ...pack, streams: pack.streams.slice(0, 3) }, join(folder, 'hls'));
    expect(await readFile(master, 'utf8')).toContain('TYPE=AUDIO,GROUP-ID="audio",NAME="Deutsch",LANGUAGE="de"');
    expect(await decode(master)).toBe('');
  });

  it('keeps picture and sound together where the film begins later than its clock', async () => {
    const { pack } = await film('film.mkv', '-map', '1:a', '-map', '1:a', '-map', '2:s', '-c:a', 'aac', '-c:s', 'srt', ...GERMAN, '-output_ts_offset', '5');
    // The tone begins with the picture; what AAC needs before its first sound is not played.
    for (const stream of [0, 1, 2]) expect(await startOf(pack, stream)).toBeLessThan(0.05);
    // Milliseconds are as exact as Matroska is.
    expect(await readFile(chunkPath(pack, pack.streams[3]!, 0), 'utf8')).toMatch(/\n00:00:0(0\.9|1\.0)\d\d --> /);
  });

  it('sounds late where it is late in the film', async () => {
    const { pack } = await film('film.mkv', '-map', '1:a', '-map', '1:a', '-af', 'atrim=start=1.5', '-c:a', 'aac', ...GERMAN);
    expect(await startOf(pack, 1)).toBeGreaterThan(1.4);
    expect(pack.streams[1]!.chunks[0]!.startUs).toBe(0);
  });

  it('does without those that browsers do not play', async () => {
    const { pack } = await film('film.mkv', '-map', '1:a', '-map', '1:a', '-c:a:0', 'ac3', '-c:a:1', 'aac', ...GERMAN);
    expect(shapes(pack)).toEqual([[0, 'muxed', 'de', '']]);
  });

  it('with one sound and subtitles has picture and sound together', async () => {
    const { pack } = await film('film.mp4', '-map', '1:a', '-map', '2:s', '-c:a', 'aac', '-c:s', 'mov_text', '-metadata:s:s:0', 'language=eng');
    expect(shapes(pack)).toEqual([[0, 'muxed', '', ''], [1, 'subtitles', 'en', 'English']]);
    expect(writeMasterPlaylist({ version: 1, publicKey: '', title: '', kind: 'vod', pieceBytes: 16384, windowChunks: 0, streams: pack.streams.map(({ facts }) => ({ ...facts, durationsUs: [1] })) })).toContain('SUBTITLES="subtitles"');
  });

  it('is one stream as television', async () => {
    const { folder } = await film('film.mkv', '-map', '1:a', '-map', '1:a', '-map', '2:s', '-c:a', 'aac', '-c:s', 'srt', ...GERMAN);
    const pack = await packageFile(join(folder, 'film.mkv'), 'loop', { root: join(folder, 'packages') });
    expect(shapes(pack)).toEqual([[0, 'muxed', 'en', '']]);
  });
});
