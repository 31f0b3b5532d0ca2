// Live HLS that ffmpeg makes, behind a plain HTTP server, as a channel.
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readTrackFragments, readTracks } from '#ingest/fragment';
import { hasFfmpeg, startFfmpeg, STREAMING, testSource } from '#ingest/node/testing/ffmpeg';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { runHost } from './testing/command.ts';

const PLACE = ['--data', 'data', '--port', '0'];

/** The files of one folder over HTTP. */
async function serveFolder(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const file = createReadStream(join(folder, basename(request.url ?? '')));
    file.on('error', () => response.writeHead(404).end());
    file.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Numbers of a media playlist's chunks, and their names. */
async function playlistOf(url: string): Promise<{ first: number; names: string[] }> {
  const text = await (await fetch(`${url}/0/playlist.m3u8`)).text();
  return { first: Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]), names: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')) };
}

const channelUrl = (event: Record<string, unknown>): string => String(event.url).replace('/watch/', '/channels/');

async function answered(url: string): Promise<Uint8Array> {
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
    const base = await serveFolder(origin);
    await expect.poll(async () => (await fetch(`${base}/live.m3u8`)).status, { timeout: 20_000 }).toBe(200);
    const command = runHost([`${base}/live.m3u8`, '--allow-private', '--title', 'News', ...PLACE], folder);
    const channel = await command.next('channel');
    expect(channel).toMatchObject({ kind: 'live', title: 'News' });
    const url = channelUrl(channel);
    await expect.poll(async () => (await playlistOf(url)).names.length, { timeout: 20_000 }).toBeGreaterThan(5);
    const { names } = await playlistOf(url);
    expect(names.every((name) => name.endsWith(ending))).toBe(true);
    const chunks = await Promise.all(names.map((name) => answered(`${url}/0/${name}`)));
    if (ending === '.m4s') {
      // Times run on from chunk to chunk, from the channel's beginning.
      const [track] = readTracks(await answered(`${url}/0/init.mp4`));
      const starts = chunks.map((chunk) => Number(readTrackFragments(chunk).find(({ id }) => id === track!.id)!.baseDecodeTime) / track!.timescale);
      for (const [at, start] of starts.entries()) expect(start).toBeCloseTo(at, 1);
    }
    expect((await command.interrupt()).code).toBe(0);
  });

  it.each([
    ['encrypted', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:2,\n0.ts\n', /is live and encrypted, which cannot be followed/],
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
