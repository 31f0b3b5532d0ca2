import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, viewOf, whole } from '../boxes.ts';
import { packageFile } from './package-file.ts';
import { decode, hasFfmpeg, probe, runFfmpeg, testSource, type ProbedStream } from './testing/ffmpeg.ts';
import { copyAsHls } from './testing/hls-copy.ts';

/** What people have on their disks, made by a real encoder: each becomes HLS that decodes, or is refused by name. */
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'tributary-'))));
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'];
const AAC = ['-c:a', 'aac'];

/** As a phone marks what it filmed upright: the first track's matrix turns by 90 degrees (ISO/IEC 14496-12, section 8.3.2). */
async function turn(path: string): Promise<void> {
  const bytes = await readFile(path);
  const view = viewOf(bytes);
  const [tkhd] = find(view, whole(bytes), ['moov', 'trak', 'tkhd']);
  [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000].forEach((value, at) => view.setInt32(tkhd!.start + 40 + 4 * at, value));
  await writeFile(path, bytes);
}

interface Case {
  readonly name: string;
  readonly make: (path: string) => Promise<void>;
  readonly codecs: RegExp;
  /** Chunks and longest chunk in seconds. */
  readonly chunks: [count: number, longestS: number];
  /** The stream of that kind in the HLS looks like this. */
  readonly video?: Partial<ProbedStream>;
  readonly audio?: Partial<ProbedStream>;
}

const made = (...args: string[]) => (path: string): Promise<void> => runFfmpeg([...args, path]);

const PLAYED: readonly Case[] = [
  { name: 'vp9-opus.webm', make: made(...testSource(6), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '50', '-c:a', 'libopus'), codecs: /^vp09\.[\d.]+,opus$/, chunks: [3, 2] },
  { name: 'av1.mp4', make: made(...testSource(4), '-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-g', '50', ...AAC), codecs: /^av01\.[\w.]+,mp4a\.40\.2$/, chunks: [2, 2] },
  { name: 'surround.mp4', make: made(...testSource(6), ...H264, ...AAC, '-ac', '6'), codecs: /^avc1\.\w+,mp4a\.40\.2$/, chunks: [3, 2], audio: { channels: 6 } },
  { name: 'mute.mp4', make: made(...testSource(6), '-map', '0:v', ...H264), codecs: /^avc1\.\w+$/, chunks: [3, 2] },
  { name: 'sound-only.m4a', make: made(...testSource(6), '-map', '1:a', ...AAC), codecs: /^mp4a\.40\.2$/, chunks: [4, 2.01] },
  {
    name: 'variable-rate.mp4', codecs: /^avc1\.\w+,mp4a/, chunks: [4, 1.7],
    make: made(...testSource(6, '320x180', 30), '-vf', "select='not(mod(n,3))+lt(mod(n,60),20)'", '-fps_mode', 'vfr', ...H264, '-g', '30', ...AAC),
  },
  {
    name: 'phone.mov', codecs: /^avc1\.\w+,mp4a/, chunks: [3, 2], video: { side_data_list: [{ rotation: -90 }] },
    async make(path) {
      await runFfmpeg([...testSource(6), ...H264, ...AAC, path]);
      await turn(path);
    },
  },
  { name: 'keyframes-10s-apart.mp4', make: made(...testSource(25), ...H264, '-g', '250', '-keyint_min', '250', '-sc_threshold', '0', ...AAC), codecs: /^avc1/, chunks: [3, 10] },
  { name: 'b-frames.mkv', make: made(...testSource(6), '-c:v', 'libx264', '-preset', 'medium', '-bf', '3', '-pix_fmt', 'yuv420p', '-g', '50', ...AAC), codecs: /^avc1/, chunks: [3, 2] },
  { name: 'index-at-the-end.mp4', make: made(...testSource(6), ...H264, ...AAC, '-movflags', '-faststart'), codecs: /^avc1/, chunks: [3, 2] },
  { name: 'broadcast.ts', make: made(...testSource(6), ...H264, ...AAC, '-f', 'mpegts'), codecs: /^avc1/, chunks: [3, 2.03] },
];

describe.runIf(hasFfmpeg)('a real file', () => {
  it.each(PLAYED)('$name is packaged so that it decodes without a complaint, and nothing of it is missing', async ({ name, make, codecs, chunks, video = {}, audio = {} }) => {
    await make(at(name));
    const pack = await packageFile(at(name), 'once', { root: at('packages') });
    const [stream] = pack.streams;
    expect(stream!.facts.codecs).toMatch(codecs);
    expect(stream!.chunks).toHaveLength(chunks[0]);
    expect(Math.max(...stream!.chunks.map(({ durationUs }) => durationUs)) / 1e6).toBeCloseTo(chunks[1], 1);
    const playlist = (await copyAsHls(pack, at(`hls-${name}`))).replace('master.m3u8', '0/playlist.m3u8');
    expect(await decode(playlist)).toBe('');
    const [before, after] = [await probe(at(name)), await probe(playlist)];
    expect(after.map(({ codec_name }) => codec_name)).toEqual(before.map(({ codec_name }) => codec_name));
    for (const [n, { codec_type, nb_read_packets }] of after.entries()) {
      const missing = Number(before[n]!.nb_read_packets) - Number(nb_read_packets);
      // Sound that an encoder puts before the first picture to warm up is not carried on.
      expect(missing).toBeLessThanOrEqual(codec_type === 'audio' ? 2 : 0);
    }
    for (const one of after) expect(one).toMatchObject(one.codec_type === 'video' ? video : audio);
  });

  it('that was filmed upright is as wide as it is shown', async () => {
    await runFfmpeg([...testSource(2), ...H264, ...AAC, at('standing.mov')]);
    await turn(at('standing.mov'));
    const { streams } = await packageFile(at('standing.mov'), 'once', { root: at('packages') });
    expect([streams[0]!.facts.width, streams[0]!.facts.height]).toEqual([180, 320]);
  });

  it.each<[string, (path: string) => Promise<void>, RegExp]>([
    ['hevc.mp4', made(...testSource(2), '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1', ...AAC), /is HEVC \(H\.265\), which browsers do not play; convert it to H\.264/],
    ['dolby.mkv', made(...testSource(2), ...H264, '-c:a', 'ac3'), /The sound of .* is AC-3, which browsers do not play/],
    ['old.avi', made(...testSource(2), '-c:v', 'mpeg4', ...AAC), /not a media file this server can read: MP4, MOV, MKV or WebM is needed/],
    ['empty.mp4', (path) => writeFile(path, ''), /empty\.mp4 is empty/],
    ['cut-short.mp4', async (path) => {
      await runFfmpeg([...testSource(6), ...H264, ...AAC, '-movflags', '+faststart', path]);
      await truncate(path, Math.round((await readFile(path)).length * 0.6));
    }, /is cut short: it breaks off after \d of 6 seconds/],
    ['cut-short-without-index.mp4', async (path) => {
      await runFfmpeg([...testSource(6), ...H264, ...AAC, path]);
      await truncate(path, 60_000);
    }, /has no index of what is in it: it was cut short/],
  ])('%s is refused with a sentence that names what is wrong, and leaves nothing behind', async (name, make, sentence) => {
    await make(at(name));
    const root = at(`packages-${name}`);
    await expect(packageFile(at(name), 'once', { root })).rejects.toMatchObject({ name: 'IngestError', message: expect.stringMatching(sentence) as string });
    expect(await readdir(root).catch(() => [])).toEqual([]);
  });
});

const CLIP = join(import.meta.dirname, '../../../shared/media/bbb-480p-30s.mp4');

describe.runIf(hasFfmpeg && existsSync(CLIP))('the clip beside the project', () => {
  it('is packaged whole', async () => {
    const pack = await packageFile(CLIP, 'once', { root: at('packages') });
    const playlist = (await copyAsHls(pack, at('hls-clip'))).replace('master.m3u8', '0/playlist.m3u8');
    expect(await decode(playlist)).toBe('');
    const [video, audio] = await probe(playlist);
    expect([video!.nb_read_packets, audio!.channels]).toEqual(['720', 6]);
  });
});
