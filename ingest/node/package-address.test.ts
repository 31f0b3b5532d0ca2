import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { vodPlaylistChunks, writeMediaPlaylist } from '#protocol/playlist';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeClip } from '../testing/synthetic-clip.ts';
import { chunkPath, openPackage } from './media-package.ts';
import { lookAtAddress, packageAddress, readOrigin } from './package-address.ts';
import { packageFile } from './package-file.ts';
import { digestChunk } from './sha256.ts';

const RULES = { allowsPrivate: true, timeoutMs: 20_000 };
const KEY = Buffer.alloc(16, 7);

interface Origin {
  readonly url: string;
  readonly folder: string;
  readonly files: Map<string, Uint8Array | string>;
  /** Paths asked for since the last look. */
  readonly asked: string[];
}

/** An origin with one clip in two renditions, as any packager would leave it. */
async function origin(): Promise<Origin> {
  const folder = await temporaryFolder();
  const pack = await packageFile(await writeClip(join(folder, 'a.mp4'), { seconds: 6 }), 'once', { root: join(folder, 'made') });
  const stream = pack.streams[0]!;
  const files = new Map<string, Uint8Array | string>();
  for (const name of ['high', 'low']) {
    files.set(`/films/${name}/init.mp4`, Buffer.from(stream.facts.init, 'base64'));
    for (const n of stream.chunks.keys()) files.set(`/films/${name}/${n}.m4s`, await readFile(chunkPath(pack, stream, n)));
    files.set(`/films/${name}/v.m3u8`, ['#EXTM3U', '#EXT-X-MAP:URI="init.mp4"', ...stream.chunks.flatMap((_, n) => ['#EXTINF:2,', `${n}.m4s?token=1`]), '#EXT-X-ENDLIST'].join('\n'));
  }
  files.set('/films/master.m3u8', ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=854x480,CODECS="avc1.64001e,mp4a.40.2"', 'high/v.m3u8', '#EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=426x240', '/films/low/v.m3u8'].join('\n'));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    asked.push(path);
    const file = files.get(path);
    if (file === undefined) response.writeHead(404).end();
    else response.end(file);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, folder: join(folder, 'packages'), files, asked };
}

describe('HLS that an origin serves already', () => {
  it('is recorded by reading every segment once, and none is kept', async () => {
    const { url, folder, files, asked } = await origin();
    const progress: number[] = [];
    const pack = await packageAddress(`${url}/films/master.m3u8`, { root: folder, onProgress: (ratio) => progress.push(ratio) }, RULES);
    expect(pack.streams.map(({ facts, chunks }) => [facts.width, chunks.length])).toEqual([[854, 3], [426, 3]]);
    const segments = asked.filter((path) => path.endsWith('.m4s'));
    expect(segments).toHaveLength(6);
    expect(new Set(segments).size).toBe(6);
    expect(progress.at(-1)).toBe(1);
    expect(await readdir(join(folder, pack.id))).toEqual(['manifest.json']);
    const chunk = pack.streams[1]!.chunks[2]!;
    expect(chunk.origin).toEqual({ url: `${url}/films/low/2.m4s?token=1`, offset: 0 });
    expect(chunk.root).toEqual(digestChunk(files.get('/films/low/2.m4s') as Uint8Array).root);
    expect(Buffer.from(await readOrigin(chunk.origin!, chunk.bytes, RULES)).equals(files.get('/films/low/2.m4s') as Uint8Array)).toBe(true);
    expect(await openPackage(folder, pack.id)).toEqual(pack);
  });

  it('looks the same until a playlist changes', async () => {
    const { url, files } = await origin();
    const look = (): Promise<unknown> => lookAtAddress(`${url}/films/master.m3u8`, RULES);
    const before = await look();
    expect(await look()).toEqual(before);
    files.set('/films/low/v.m3u8', String(files.get('/films/low/v.m3u8')).replace('#EXTINF:2,', '#EXTINF:2.1,'));
    expect(await look()).not.toEqual(before);
  });

  it('passes AES-128 on untouched: the bytes as they are, the key where it is, vectors by the origin\'s own numbers', async () => {
    const { url, folder, files } = await origin();
    for (const n of [0, 1, 2]) {
      const vector = Buffer.alloc(16);
      vector.writeUInt32BE(40 + n, 12);
      const cipher = createCipheriv('aes-128-cbc', KEY, vector);
      files.set(`/films/high/${n}.m4s`, Buffer.concat([cipher.update(files.get(`/films/high/${n}.m4s`) as Uint8Array), cipher.final()]));
    }
    const clear = String(files.get('/films/high/v.m3u8'));
    files.set('/films/high/v.m3u8', clear.replace('#EXTM3U', '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:40').replace('#EXTINF', '#EXT-X-KEY:METHOD=AES-128,URI="../keys/k1"\n#EXTINF'));
    const pack = await packageAddress(`${url}/films/master.m3u8`, { root: folder }, RULES);
    const { facts, chunks } = pack.streams[0]!;
    expect(facts).toMatchObject({ kind: 'muxed', codecs: 'avc1.64001e,mp4a.40.2' });
    expect(Buffer.from(await readOrigin(chunks[1]!.origin!, chunks[1]!.bytes, RULES)).equals(files.get('/films/high/1.m4s') as Uint8Array)).toBe(true);
    const stream = { ...facts, durationsUs: chunks.map(({ durationUs }) => durationUs) };
    const written = writeMediaPlaylist(stream, vodPlaylistChunks(stream), true);
    const vector = (n: number): string => `IV=0x${n.toString(16).padStart(32, '0')}`;
    expect(written.split('\n').filter((line) => /KEY|MAP|m4s/.test(line))).toEqual([
      '#EXT-X-MAP:URI="init.mp4"',
      `#EXT-X-KEY:METHOD=AES-128,URI="${url}/films/keys/k1",${vector(40)}`, '0.m4s',
      `#EXT-X-KEY:METHOD=AES-128,URI="${url}/films/keys/k1",${vector(41)}`, '1.m4s',
      `#EXT-X-KEY:METHOD=AES-128,URI="${url}/films/keys/k1",${vector(42)}`, '2.m4s',
    ]);
    // A playlist that begins in the middle still says what is in force there.
    expect(writeMediaPlaylist(stream, vodPlaylistChunks(stream).slice(1), true)).toContain(vector(41));
  });

  it('passes the keys of DRM systems on, all of them', async () => {
    const { url, folder, files } = await origin();
    const tags = ['#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="data:text/plain;base64,AAAA",KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"', '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key1",KEYFORMAT="com.apple.streamingkeydelivery"'];
    files.set('/films/high/v.m3u8', String(files.get('/films/high/v.m3u8')).replace('#EXT-X-MAP', `${tags.join('\n')}\n#EXT-X-MAP`));
    const { facts, chunks } = (await packageAddress(`${url}/films/master.m3u8`, { root: folder }, RULES)).streams[0]!;
    const stream = { ...facts, durationsUs: chunks.map(({ durationUs }) => durationUs) };
    expect(writeMediaPlaylist(stream, vodPlaylistChunks(stream), true)).toContain(`${tags.join('\n')}\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF`);
  });

  it.each([
    ['no playlist', '/films/high/0.m4s', /is no HLS playlist/],
    ['nothing', '/films/none.m3u8', /answers with status 404/],
  ])('that is %s is refused with a sentence', async (_, path, sentence) => {
    const { url, folder } = await origin();
    await expect(packageAddress(url + path, { root: folder }, RULES)).rejects.toMatchObject({ name: 'IngestError', message: expect.stringMatching(sentence) as string });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  it('that points to a private address is refused unless that is allowed', async () => {
    const { url, folder } = await origin();
    await expect(packageAddress(`${url}/films/master.m3u8`, { root: folder }, { ...RULES, allowsPrivate: false })).rejects.toMatchObject({ reason: 'forbiddenAddress' });
  });
});
