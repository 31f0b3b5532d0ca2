import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { base64ToBytes } from '#protocol/base64';
import { paths, type ChannelListing } from '#protocol/paths';
import { decodeLogEntries } from '#protocol/record';
import { ClientFiles } from './client-files.ts';
import { Seeder } from './seeder.ts';
import type { ServedChannel } from './served-channel.ts';
import { chunkBytes, FakeChannel, INIT, LIVE_ID, VOD_ID } from './testing/fake-channel.ts';

const INDEX = '<!doctype html><html><head><title>Tributary</title></head><body></body></html>';
const SCRIPT = 'export const word = "tributary";\n'.repeat(200);

let folder: string;
let seeder: Seeder;
let url: string;
let faults: unknown[];
let vod: FakeChannel;
let channels: ServedChannel[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  await mkdir(join(folder, 'client/assets'), { recursive: true });
  await writeFile(join(folder, 'client/index.html'), INDEX);
  await writeFile(join(folder, 'client/watch.html'), INDEX);
  await writeFile(join(folder, 'client/assets/main-abc.js'), SCRIPT);
  await writeFile(join(folder, 'secret.txt'), 'secret');
  faults = [];
  vod = new FakeChannel('vod', { first: 0, newest: 4 }, 'Tom & "Jerry" </script><script>alert(1)</script> $&');
  channels = [vod, new FakeChannel('live', { first: 10, newest: 14 })];
  seeder = new Seeder({
    directory: { list: () => channels, find: (id) => channels.find((channel) => channel.id === id) },
    client: new ClientFiles(join(folder, 'client')),
    consent: 'implied',
    title: undefined,
    audience: () => ({ viewers: 3, offloadRatio: 0.75 }),
    publish: async () => undefined,
    metrics: () => 'figures\n',
    onFault: (error) => faults.push(error),
  });
  seeder.server.listen(0, '127.0.0.1');
  await once(seeder.server, 'listening');
  url = `http://127.0.0.1:${(seeder.server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  seeder.server.closeAllConnections();
  seeder.server.close();
  await rm(folder, { recursive: true });
});

const chunkUrl = (index: number | string, channel: string = VOD_ID): string => `${url}/channels/${channel}/0/${index}.m4s`;

/** A request whose path is sent as it is written. */
async function raw(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {} });
  sent.end();
  const [response] = await once(sent, 'response') as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
}

describe('a chunk over HTTP', () => {
  const all = chunkBytes(2);
  it.each([
    ['whole', {}, 200, undefined, all],
    ['from the beginning', { range: 'bytes=0-9' }, 206, 'bytes 0-9/1002', all.subarray(0, 10)],
    ['in the middle', { range: 'bytes=100-199' }, 206, 'bytes 100-199/1002', all.subarray(100, 200)],
    ['to the end', { range: 'bytes=1000-' }, 206, 'bytes 1000-1001/1002', all.subarray(1000)],
    ['the last ones', { range: 'bytes=-2' }, 206, 'bytes 1000-1001/1002', all.subarray(1000)],
    ['several ranges', { range: 'bytes=0-1,3-4' }, 200, undefined, all],
    ['a range of another version', { range: 'bytes=0-9', 'if-range': '"other"' }, 200, undefined, all],
    ['a range with a date', { range: 'bytes=0-9', 'if-range': 'Fri, 20 Nov 2026 21:00:00 GMT' }, 200, undefined, all],
  ])('%s', async (_, headers, status, contentRange, body) => {
    const answer = await raw(`/channels/${VOD_ID}/0/2.m4s`, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-range']).toBe(contentRange);
    expect(answer.body.equals(body)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-type': 'video/iso.segment', 'accept-ranges': 'bytes', 'cache-control': 'public, max-age=31536000, immutable', 'access-control-allow-origin': '*' });
  });

  it('has its Merkle root for an entity tag, which spares sending it again', async () => {
    const { etag } = (await raw(`/channels/${VOD_ID}/0/2.m4s`)).headers;
    expect(etag).toBe(`"${Buffer.from(vod.entry(0, 2)!.signed.record.root).toString('hex')}"`);
    const again = await raw(`/channels/${VOD_ID}/0/2.m4s`, { headers: { 'if-none-match': etag! } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const part = await raw(`/channels/${VOD_ID}/0/2.m4s`, { headers: { range: 'bytes=0-9', 'if-range': etag! } });
    expect(part.status).toBe(206);
  });

  it('beyond its end is 416 and says how long it is', async () => {
    const answer = await raw(`/channels/${VOD_ID}/0/2.m4s`, { headers: { range: 'bytes=2000-' } });
    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */1002']);
  });

  it('may be asked for by its headers alone', async () => {
    const answer = await raw(`/channels/${VOD_ID}/0/2.m4s`, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '1002', 0]);
  });

  it.each([
    ['5', VOD_ID, 404],
    ['9', LIVE_ID, 410],
    ['15', LIVE_ID, 404],
    ['0', 'c'.repeat(32), 404],
  ])('%s of %s is %d, with a sentence', async (index, channel, status) => {
    const answer = await fetch(chunkUrl(index, channel));
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { error: string }).error).toMatch(/\.$/);
  });

  it('counts the bytes that were really sent, and no others', async () => {
    await raw(`/channels/${VOD_ID}/0/2.m4s`, { headers: { range: 'bytes=0-9' } });
    await raw(`/channels/${VOD_ID}/0/2.m4s`, { method: 'HEAD' });
    await raw(`/channels/${VOD_ID}/0/3.m4s`);
    await raw(`/channels/${VOD_ID}/0/3.m4s`, { headers: { range: 'bytes=5000-' } });
    await raw(`/channels/${VOD_ID}/0/records?first=0&count=1`);
    expect(seeder.traffic.media(VOD_ID)).toEqual([{ stream: 0, bytes: 10 + 1003, requests: 4 }]);
    expect(seeder.traffic.other(VOD_ID)).toEqual({ records: 129 + 32, description: 0, init: 0, playlist: 0 });
  });

  it('is read from disk once', async () => {
    await Promise.all([1, 2, 3].map(() => fetch(chunkUrl(2)).then((answer) => answer.arrayBuffer())));
    expect(vod.reads).toBe(1);
  });

  it('that is damaged on disk is never served', async () => {
    vod.fault = new Error('not what was packaged');
    const answer = await fetch(chunkUrl(2));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('packaged');
    expect(faults).toEqual([vod.fault]);
  });
});

describe('log entries', () => {
  const indexes = async (channel: string, query: string): Promise<number[]> => {
    const answer = await fetch(`${url}/channels/${channel}/0/records?${query}`);
    return decodeLogEntries(new Uint8Array(await answer.arrayBuffer())).map(({ signed }) => signed.record.index);
  };
  it.each([
    [VOD_ID, 'first=1&count=2', [1, 2]],
    [VOD_ID, 'first=3&count=64', [3, 4]],
    [LIVE_ID, 'first=newest&count=2', [13, 14]],
    [LIVE_ID, 'first=newest&count=64', [10, 11, 12, 13, 14]],
    [LIVE_ID, 'first=8&count=4', [10, 11]],
  ])('%s %s', async (channel, query, expected) => {
    expect(await indexes(channel, query)).toEqual(expected);
  });

  it.each([[VOD_ID, 5, 404], [LIVE_ID, 2, 410]])('of %s from %d: %d', async (channel, first, status) => {
    expect((await fetch(`${url}/channels/${channel}/0/records?first=${first}&count=1`)).status).toBe(status);
  });
});

describe('plain HLS', () => {
  it('lists the window of a live channel, and no more', async () => {
    const playlist = await (await fetch(`${url}/channels/${LIVE_ID}/0/playlist.m3u8`)).text();
    expect(playlist).toContain('#EXT-X-MEDIA-SEQUENCE:12\n');
    expect([...playlist.matchAll(/^(\d+)\.m4s$/gm)].map(([, index]) => index)).toEqual(['12', '13', '14']);
    expect(playlist).not.toContain('ENDLIST');
  });

  it('lists all of a film, and closes the list', async () => {
    const playlist = await (await fetch(`${url}/channels/${VOD_ID}/0/playlist.m3u8`)).text();
    expect(playlist.match(/m4s/g)).toHaveLength(5);
    expect(playlist).toContain('#EXT-X-ENDLIST');
  });

  it('has types and a media header', async () => {
    const master = await fetch(`${url}/channels/${VOD_ID}/master.m3u8`);
    expect(master.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    expect(await master.text()).toContain('CODECS="avc1.64001e,mp4a.40.2"');
    const init = await fetch(`${url}/channels/${VOD_ID}/0/init.mp4`);
    expect(new Uint8Array(await init.arrayBuffer())).toEqual(INIT);
  });
});

describe('the list of channels', () => {
  it('says what can be watched and by how many it is', async () => {
    const answer = await fetch(`${url}/api/channels`);
    expect(await answer.json()).toEqual([
      { id: VOD_ID, title: vod.title, kind: 'vod', viewers: 3, bitrate: 1_000_000, durationSeconds: 10, width: 854, height: 480, offloadRatio: 0.75, poster: null },
      { id: LIVE_ID, title: 'A channel', kind: 'live', viewers: 3, bitrate: 1_000_000, durationSeconds: null, width: 854, height: 480, offloadRatio: 0.75, poster: null },
    ]);
  });
});

describe('pages', () => {
  it('of a channel carry what its viewer asks for first, and nothing of it can end the script', async () => {
    const html = await (await fetch(`${url}/watch/${VOD_ID}`)).text();
    const script = /<script type="application\/json" id="tributary-boot">(.*?)<\/script><\/head>/s.exec(html)?.[1] ?? '';
    expect(script).not.toContain('<');
    const boot = JSON.parse(script) as { description: unknown; entries: string; consent: string };
    expect(boot.description).toEqual(vod.signedDescription);
    expect(boot.consent).toBe('implied');
    expect(decodeLogEntries(base64ToBytes(boot.entries)).map(({ signed }) => signed.record.index)).toEqual([0, 1, 2, 3, 4]);
    expect(html).toContain('<title>Tom &#38; &#34;Jerry&#34; &#60;/script&#62;');
    expect(html).toContain('$&#38;</title>');
  });

  it('of a live channel carry its newest chunks', async () => {
    const html = await (await fetch(`${url}/watch/${LIVE_ID}`)).text();
    const { entries } = JSON.parse(/id="tributary-boot">(.*?)<\/script><\/head>/s.exec(html)![1]!) as { entries: string };
    expect(decodeLogEntries(base64ToBytes(entries)).map(({ signed }) => signed.record.index)).toEqual([10, 11, 12, 13, 14]);
  });

  it.each([['/watch/unknown', 404], [`/watch/${'c'.repeat(32)}`, 404], [`/embed/${VOD_ID}`, 200], ['/host', 200], ['/operator', 200], ['/', 200]])('%s is %d and the client', async (path, status) => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain('<body>');
  });

  it('say what to do where the client was not built', async () => {
    await rm(join(folder, 'client/index.html'));
    const answer = await fetch(`${url}/`);
    expect([answer.status, (await answer.text()).includes('npm run build')]).toEqual([503, true]);
  });
});

describe('files of the client', () => {
  it('are kept for ever under their hashed names, and come compressed', async () => {
    const answer = await raw('/assets/main-abc.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'public, max-age=31536000, immutable', 'content-type': 'text/javascript; charset=utf-8', vary: 'Accept-Encoding' });
    expect(answer.body.length).toBeLessThan(SCRIPT.length / 5);
    expect(gunzipSync(answer.body).toString()).toBe(SCRIPT);
    const plain = await raw('/assets/main-abc.js');
    expect(plain.body.toString()).toBe(SCRIPT);
    expect(plain.headers.etag).not.toBe(answer.headers.etag);
    const again = await raw('/assets/main-abc.js', { headers: { 'accept-encoding': 'gzip', 'if-none-match': answer.headers.etag! } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('are only those of the client, whatever the path', async () => {
    const traversals = ['/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '//secret.txt', '/..\\secret.txt', '/assets/%00', '/__proto__'];
    for (const path of traversals) {
      const answer = await raw(path);
      expect([path, answer.status, answer.body.includes('secret')]).toEqual([path, 404, false]);
    }
  });
});

describe('every connection', () => {
  it('may only read', async () => {
    expect((await fetch(`${url}/api/channels`, { method: 'POST', body: '{}' })).status).toBe(405);
  });

  it('may come from any page', async () => {
    const answer = await raw(`/channels/${VOD_ID}/0/2.m4s`, { method: 'OPTIONS', headers: { origin: 'http://elsewhere', 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' } });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, HEAD, OPTIONS' });
    expect(answer.headers['access-control-allow-headers']).toContain('Range');
  });

  it.each([['a long address', `/${'a'.repeat(2000)}`, {}, 414], ['long headers', '/', { 'x-long': 'a'.repeat(10_000) }, 431]])('with %s is turned away', async (_, path, headers, status) => {
    expect((await raw(path, { headers })).status).toBe(status);
  });

  it('that never finishes its request is timed out: limits are set', () => {
    expect(seeder.server.headersTimeout).toBeLessThanOrEqual(10_000);
    // A chunk on its way up takes minutes on a slow line; without a byte for one minute it is cut off.
    expect(seeder.server.requestTimeout).toBeLessThanOrEqual(300_000);
    expect(seeder.server.timeout).toBeLessThanOrEqual(60_000);
    expect(seeder.server.timeout).toBeGreaterThan(0);
    expect(seeder.server.maxConnections).toBeGreaterThan(0);
  });

  it('that goes away in the middle leaves the server well', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`GET /channels/${VOD_ID}/0/2.m4s HTTP/1.1\r\nHost: a\r\n\r\n`);
    await once(socket, 'connect');
    socket.destroy();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(faults).toEqual([]);
  });

  it('that speaks no HTTP is closed', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('\x00\x01\x02 nonsense\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('the pictures of a channel', () => {
  const picture = Buffer.from('a picture');
  const hash = createHash('sha256').update(picture).digest('hex');
  const facts = { type: 'image/jpeg', bytes: picture.length, hash } as const;

  it('are served under their hash for ever, as what the description says they are', async () => {
    vod.description.poster = facts;
    vod.pictures.set(hash, picture);
    const answer = await fetch(url + paths.picture(VOD_ID, hash));
    expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['image/jpeg', expect.stringContaining('immutable')]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(picture);
    const listed = (await (await fetch(url + paths.channels)).json()) as ChannelListing[];
    expect(listed.map(({ poster }) => poster)).toEqual([paths.picture(VOD_ID, hash), null]);
  });

  it('are those that the description names, and no others', async () => {
    vod.pictures.set(hash, picture);
    for (const path of [paths.picture(VOD_ID, hash), `/channels/${VOD_ID}/picture/..%2f..%2fsecret.txt`, paths.thumbnailTrack(VOD_ID)]) expect((await fetch(url + path)).status).toBe(404);
  });

  it('for the seek bar are a track that other players can read too', async () => {
    vod.description.thumbnails = { sheet: facts, stream: 0, every: 2, columns: 2, width: 160, height: 90 };
    const answer = await fetch(url + paths.thumbnailTrack(VOD_ID));
    expect(answer.headers.get('content-type')).toBe('text/vtt; charset=utf-8');
    expect(await answer.text()).toContain(`00:00:08.000 --> 00:00:10.000\n${paths.picture(VOD_ID, hash)}#xywh=0,90,160,90`);
  });
});

describe('a page', () => {
  const asBrowser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
  const policyOf = async (path: string): Promise<string> => (await fetch(url + path, asBrowser)).headers.get('content-security-policy') ?? '';

  it.each(['/nothing', '/watch/a/b', '/channels/x', '/api/nothing'])('stands at %s too, and says to people that there is nothing', async (path) => {
    const page = await fetch(url + path, asBrowser);
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await page.text()).toBe(INDEX);
    const answer = await fetch(url + path);
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'There is nothing here.' }]);
  });

  it('can be shown in the pages of others only where it is made for that', async () => {
    expect(await policyOf(`/watch/${VOD_ID}`)).toContain("frame-ancestors 'self'");
    expect(await policyOf('/host')).toContain("frame-ancestors 'self'");
    expect(await policyOf(`/embed/${VOD_ID}`)).toContain('frame-ancestors *');
  });
});
