// Live HLS that ffmpeg makes, behind a plain HTTP server, as a channel.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decode, hasFfmpeg, startFfmpeg, STREAMING, testSource } from '#ingest/node/testing/ffmpeg';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { runHost } from './testing/command.ts';

const PLACE = ['--data', 'data', '--port', '0'];

interface Origin {
  /** Without a slash at the end. */
  readonly url: string;
  /** Hashes of everything it has answered. */
  readonly answered: ReadonlySet<string>;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The files of one folder over HTTP. */
async function serveFolder(folder: string): Promise<Origin> {
  const answered = new Set<string>();
  const server = createServer((request, response) => {
    readFile(join(folder, basename(request.url ?? ''))).then(
      (bytes) => {
        answered.add(hashOf(bytes));
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answered };
}

/** Numbers of a media playlist's chunks, and their names. */
async function playlistOf(url: string, stream = 0): Promise<{ first: number; names: string[] }> {
  const text = await (await fetch(`${url}/${stream}/playlist.m3u8`)).text();
  return { first: Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]), names: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')) };
}

const channelUrl = (event: Record<string, unknown>): string => String(event.url).replace('/watch/', '/channels/');

async function bytesOf(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}

describe.runIf(hasFfmpeg)('a live playlist of an origin', () => {
  it.each([
    ['fMP4', ['-hls_segment_type', 'fmp4'], '.m4s'],
    ['MPEG-TS', [], '.ts'],
  ])('is followed: %s', async (_, type, ending) => {
    const folder = await temporaryFolder();
    const origin = join(folder, 'origin');
    await mkdir(origin);
    startFfmpeg(['-re', ...testSource(60), ...STREAMING, ...type, '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments', join(origin, 'live.m3u8')]);
    const { url: base, answered } = await serveFolder(origin);
    await expect.poll(async () => (await fetch(`${base}/live.m3u8`)).status, { timeout: 20_000 }).toBe(200);
    const command = runHost([`${base}/live.m3u8`, '--allow-private', '--title', 'News', ...PLACE], folder);
    const channel = await command.next('channel');
    expect(channel).toMatchObject({ kind: 'live', title: 'News' });
    const url = channelUrl(channel);
    await expect.poll(async () => (await playlistOf(url)).names.length, { timeout: 20_000 }).toBeGreaterThan(5);
    const { names } = await playlistOf(url);
    expect(names.every((name) => name.endsWith(ending))).toBe(true);
    // The origin's bytes, as they are.
    for (const name of names) expect(answered).toContain(hashOf(await bytesOf(`${url}/0/${name}`)));
    expect((await command.interrupt()).code).toBe(0);
  });

  it('is followed with all its qualities, and with sound in a playlist of its own', async () => {
    const folder = await temporaryFolder();
    const origin = join(folder, 'origin');
    await mkdir(origin);
    startFfmpeg([
      '-re', ...testSource(60), '-map', '0:v', '-map', '0:v', '-map', '1:a', ...STREAMING, '-s:v:1', '160x90', '-b:v:0', '400k', '-b:v:1', '100k',
      '-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments', '-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init_%v.mp4',
      '-master_pl_name', 'master.m3u8', '-var_stream_map', 'v:0,agroup:sound v:1,agroup:sound a:0,agroup:sound,language:en', join(origin, 'v%v.m3u8'),
    ]);
    const { url: base, answered } = await serveFolder(origin);
    await expect.poll(async () => Promise.all(['master', 'v0', 'v1', 'v2'].map(async (name) => (await fetch(`${base}/${name}.m3u8`)).status)), { timeout: 20_000 }).toEqual([200, 200, 200, 200]);
    const command = runHost([`${base}/master.m3u8`, '--allow-private', ...PLACE], folder);
    const url = channelUrl(await command.next('channel'));
    const streams = [0, 1, 2];
    await expect.poll(async () => Promise.all(streams.map(async (stream) => (await playlistOf(url, stream)).names.length > 5)), { timeout: 20_000 }).toEqual([true, true, true]);
    for (const stream of streams) {
      for (const name of (await playlistOf(url, stream)).names) expect(answered).toContain(hashOf(await bytesOf(`${url}/${stream}/${name}`)));
    }
    const master = Buffer.from(await bytesOf(`${url}/master.m3u8`)).toString();
    expect([...master.matchAll(/RESOLUTION=(\w+)/g)].map(([, size]) => size)).toEqual(['320x180', '160x90']);
    expect(master).toMatch(/TYPE=AUDIO.*LANGUAGE="en".*URI="2\/playlist.m3u8"/);
    // Any player plays it, picture and sound.
    expect(await decode(`${url}/master.m3u8`, 4)).not.toMatch(/error|corrupt|invalid/i);
    await command.interrupt();
    // Started again, it is another stretch of the same channel, in all streams.
    const again = runHost([`${base}/master.m3u8`, '--allow-private', ...PLACE], folder);
    const then = channelUrl(await again.next('channel'));
    expect(then.split('/').at(-1)).toBe(url.split('/').at(-1));
    const breaks = async (stream: number): Promise<number> => Buffer.from(await bytesOf(`${then}/${stream}/playlist.m3u8`)).toString().split('\n').filter((line) => line === '#EXT-X-DISCONTINUITY').length;
    await expect.poll(async () => Promise.all(streams.map(breaks)), { timeout: 20_000 }).toEqual([1, 1, 1]);
    await again.interrupt();
  });

  it('is passed on as it is encrypted, with the key where it is, also when that changes', async () => {
    const folder = await temporaryFolder();
    const origin = join(folder, 'origin');
    await mkdir(origin);
    const { url: base, answered } = await serveFolder(origin);
    await writeFile(join(origin, 'k.key'), Buffer.alloc(16, 9));
    await writeFile(join(origin, 'info'), `${base}/k.key\n${join(origin, 'k.key')}\n`);
    startFfmpeg(['-re', ...testSource(60), ...STREAMING, '-f', 'hls', '-hls_time', '1', '-hls_list_size', '6', '-hls_flags', 'delete_segments+periodic_rekey', '-hls_key_info_file', join(origin, 'info'), join(origin, 'live.m3u8')]);
    await expect.poll(async () => (await fetch(`${base}/live.m3u8`)).status, { timeout: 20_000 }).toBe(200);
    const command = runHost([`${base}/live.m3u8`, '--allow-private', ...PLACE], folder);
    const url = channelUrl(await command.next('channel'));
    await expect.poll(async () => (await playlistOf(url)).names.length, { timeout: 20_000 }).toBeGreaterThan(4);
    await writeFile(join(origin, 'other.key'), Buffer.alloc(16, 10));
    await writeFile(join(origin, 'info'), `${base}/other.key\n${join(origin, 'other.key')}\n`);
    const text = async (): Promise<string> => Buffer.from(await bytesOf(`${url}/0/playlist.m3u8`)).toString();
    await expect.poll(async () => /other\.key"[^]*\n\d+\.ts\n[^]*\n\d+\.ts/.test(await text()), { timeout: 20_000 }).toBe(true);
    for (const name of (await playlistOf(url)).names) expect(answered).toContain(hashOf(await bytesOf(`${url}/0/${name}`)));
    expect(await text()).toMatch(/^#EXT-X-KEY:METHOD=AES-128,URI="http:[^"]*k\.key"/m);
    // A key that is not the right one gives noise, of which the decoder would complain.
    expect(await decode(`${url}/master.m3u8`, 5)).not.toMatch(/error|corrupt|invalid/i);
    await command.interrupt();
  });

  it.each([
    ['that is no playlist', 'Once upon a time.', /is no HLS playlist/],
    ['of segments that are not there', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n0.ts\n', /0\.ts/],
  ])('is refused with a sentence where it is %s', async (_, text, sentence) => {
    const server = createServer((request, response) => {
      if (request.url === '/live.m3u8') response.end(text);
      else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.m3u8`;
    const { code, err } = await runHost([url, '--allow-private', ...PLACE], await temporaryFolder()).ended;
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(sentence);
    expect(code).toBeGreaterThan(0);
  });
});
