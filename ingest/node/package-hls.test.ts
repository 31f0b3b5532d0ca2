import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPlaylist } from '../hls-text.ts';
import { chunkPath } from './media-package.ts';
import { packageFile } from './package-file.ts';
import { packageHls } from './package-hls.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeClip } from '../testing/synthetic-clip.ts';

const MEDIA = (lines: readonly string[]): string => ['#EXTM3U', '#EXT-X-TARGETDURATION:2', '#EXT-X-MAP:URI="init.mp4"', ...lines, '#EXT-X-ENDLIST', ''].join('\n');
const SEGMENTS = ['#EXTINF:2.000,', '0.m4s', '#EXTINF:2.000,', '1.m4s'];

/** A folder as another packager would leave it: two fMP4 segments, their header, and the playlists given. */
async function hlsFolder(playlists: Readonly<Record<string, string>>): Promise<{ folder: string; root: string }> {
  const root = await temporaryFolder();
  const pack = await packageFile(await writeClip(join(root, 'a.mp4'), { seconds: 4 }), 'once', { root: join(root, 'made') });
  const folder = join(root, 'hls');
  await mkdir(folder);
  await writeFile(join(folder, 'init.mp4'), Buffer.from(pack.streams[0]!.facts.init, 'base64'));
  for (const n of [0, 1]) await copyFile(chunkPath(pack, pack.streams[0]!, n), join(folder, `${n}.m4s`));
  for (const [name, text] of Object.entries(playlists)) await writeFile(join(folder, name), text);
  return { folder, root: join(root, 'packages') };
}

describe('a folder that holds HLS', () => {
  it('becomes a package of the same bytes', async () => {
    const { folder, root } = await hlsFolder({ 'v.m3u8': MEDIA(SEGMENTS) });
    const pack = await packageHls(folder, { root: root });
    expect(pack.streams[0]!.facts).toMatchObject({ kind: 'muxed', codecs: 'avc1.64001e,mp4a.40.2', width: 854, height: 480, extension: 'm4s', targetDurationSeconds: 2 });
    expect(pack.streams[0]!.chunks.map(({ startUs, durationUs }) => [startUs, durationUs])).toEqual([[0, 2_000_000], [2_000_000, 2_000_000]]);
    for (const n of [0, 1]) {
      const original = await readFile(join(folder, `${n}.m4s`));
      expect((await readFile(chunkPath(pack, pack.streams[0]!, n))).equals(original)).toBe(true);
    }
  });

  it('may keep its segments in one file', async () => {
    const { folder, root } = await hlsFolder({});
    const parts = await Promise.all(['init.mp4', '0.m4s', '1.m4s'].map((name) => readFile(join(folder, name))));
    await writeFile(join(folder, 'all.m4s'), Buffer.concat(parts));
    const [init, first, second] = parts.map((part) => part.length);
    await writeFile(join(folder, 'v.m3u8'), ['#EXTM3U', `#EXT-X-MAP:URI="all.m4s",BYTERANGE="${init}@0"`, '#EXTINF:2,', `#EXT-X-BYTERANGE:${first}@${init}`, 'all.m4s', '#EXTINF:2,', `#EXT-X-BYTERANGE:${second}`, 'all.m4s', '#EXT-X-ENDLIST'].join('\n'));
    const pack = await packageHls(folder, { root: root });
    expect((await readFile(chunkPath(pack, pack.streams[0]!, 1))).equals(parts[2]!)).toBe(true);
  });

  it('gives a stream for each variant, each once', async () => {
    const master = ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360', 'v.m3u8', '#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=854x480', 'w.m3u8', '#EXT-X-STREAM-INF:BANDWIDTH=3', 'v.m3u8'].join('\n');
    const { folder, root } = await hlsFolder({ 'master.m3u8': master, 'v.m3u8': MEDIA(SEGMENTS), 'w.m3u8': MEDIA(SEGMENTS) });
    const { streams } = await packageHls(folder, { root: root });
    expect(streams.map(({ facts }) => [facts.id, facts.width, facts.height])).toEqual([[0, 640, 360], [1, 854, 480]]);
  });

  it.each([
    ['no playlist', {}, /holds no HLS playlist/],
    ['several playlists that nothing joins', { 'a.m3u8': MEDIA(SEGMENTS), 'b.m3u8': MEDIA(SEGMENTS) }, /multivariant/],
    ['a playlist that still grows', { 'a.m3u8': MEDIA(SEGMENTS).replace('#EXT-X-ENDLIST', '') }, /still growing/],
    ['a key that is not there', { 'a.m3u8': MEDIA(['#EXT-X-KEY:METHOD=AES-128,URI="k"', ...SEGMENTS]) }, /is not there/],
    ['a key elsewhere', { 'a.m3u8': MEDIA(['#EXT-X-KEY:METHOD=AES-128,URI="../a.mp4"', ...SEGMENTS]) }, /outside/],
    ['a discontinuity', { 'a.m3u8': MEDIA([...SEGMENTS, '#EXT-X-DISCONTINUITY', ...SEGMENTS]) }, /discontinuities/],
    ['a segment that is not there', { 'a.m3u8': MEDIA(['#EXTINF:2,', '7.m4s']) }, /is not there/],
    ['a segment elsewhere', { 'a.m3u8': MEDIA(['#EXTINF:2,', '../a.mp4']) }, /outside/],
    ['a segment elsewhere, escaped', { 'a.m3u8': MEDIA(['#EXTINF:2,', '%2e%2e/a.mp4']) }, /outside/],
    ['a segment on another server', { 'a.m3u8': MEDIA(['#EXTINF:2,', 'http://localhost/x.m4s']) }, /only files of the folder/],
    ['a range beyond the file', { 'a.m3u8': MEDIA(['#EXTINF:2,', '#EXT-X-BYTERANGE:99999999@0', '0.m4s']) }, /shorter than/],
    ['no duration', { 'a.m3u8': MEDIA(['0.m4s']) }, /is empty/],
    ['an unknown kind of segment', { 'a.m3u8': MEDIA(['#EXTINF:2,', '0.exe']) }, /not supported/],
  ])('is refused with a sentence, and leaves nothing behind, when it has %s', async (_, playlists, sentence) => {
    const { folder, root } = await hlsFolder(playlists);
    await expect(packageHls(folder, { root: root })).rejects.toMatchObject({ name: 'IngestError', message: expect.stringMatching(sentence) as string });
    expect(await readdir(root).catch(() => [])).toEqual([]);
  });

  it('does not follow a link out of itself', async () => {
    const { folder, root } = await hlsFolder({ 'a.m3u8': MEDIA(['#EXTINF:2,', 'link.m4s']) });
    await symlink(join(folder, '..', 'a.mp4'), join(folder, 'link.m4s'));
    await expect(packageHls(folder, { root: root })).rejects.toMatchObject({ message: expect.stringMatching(/outside/) as string });
  });
});

describe('the text of a playlist', () => {
  it('is none without its first line', () => {
    expect(readPlaylist('hello')).toBeUndefined();
  });

  it('may have a byte order mark and carriage returns', () => {
    expect(readPlaylist('\uFEFF#EXTM3U\r\n#EXTINF:1.5,\r\na.ts\r\n#EXT-X-ENDLIST\r\n')).toMatchObject({ type: 'media', isEnded: true, segments: [{ uri: 'a.ts', durationUs: 1_500_000 }] });
  });

  it('keeps commas within quotes', () => {
    expect(readPlaylist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1.64001e,mp4a.40.2",AUDIO="a"\nv.m3u8')).toMatchObject({ variants: [{ codecs: 'avc1.64001e,mp4a.40.2', audio: 'a', uri: 'v.m3u8' }] });
  });
});
