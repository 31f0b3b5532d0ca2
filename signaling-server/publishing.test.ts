import { ed25519 } from '@noble/curves/ed25519.js';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesToBase64 } from '#protocol/base64';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import { chunkIndex, streamId, type PeerId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { paths, type ChannelListing } from '#protocol/paths';
import { PRESENCE_SILENCE_MS, PUBLISH_HEADERS, publishPath, publishSigningBytes } from '#protocol/publishing';
import { decodeLogEntries, encodeLogEntries, type LogEntry } from '#protocol/record';
import type { JoinReply, MemberEvents, Presence, TrackerEvents } from '#protocol/tracker-events';
import { digestChunk, sha256 } from '#ingest/node/sha256';
import { PublishClient, type PublishClientOptions } from '#publishing/publish-client';
import { ChannelKey } from '#ingest/node/channel-key';
import { startServer, type RunningServer } from './server.ts';
import { FakeClock } from './testing/fake-clock.ts';

const NOW = 1_800_000_000_000;
const SEED = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
const FOREIGN_SEED = Uint8Array.from({ length: 32 }, (_, at) => at + 7);
const HOST = 'h'.repeat(32) as PeerId;

let folder: string;
let clock: FakeClock;
let server: RunningServer;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  clock = new FakeClock(NOW);
  warnings = [];
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function start(isPublishing = true): Promise<void> {
  server = await startServer(
    {
      channels: [], port: 0, address: '127.0.0.1', dataFolder: join(folder, 'data'), clientFolder: join(folder, 'client'), isJson: true,
      consent: 'ask', iceServers: [], title: undefined, isPublishing,
    },
    { clock, random: { next: () => 0.5 }, report: (event) => warnings.push(...(event.event === 'warning' ? [event.message] : [])) },
  );
  await server.ready;
}

const key = new ChannelKey(SEED);
const channel = key.id;

function client(changes: Partial<PublishClientOptions> & { readonly seed?: Uint8Array } = {}): PublishClient {
  const { seed = SEED, ...more } = changes;
  return new PublishClient({
    serverUrl: server.url, channel, wallClockMs: () => clock.nowMs(), pause: async () => undefined,
    signer: { publicKey: ed25519.getPublicKey(seed), sign: (message) => ed25519.sign(message, seed) }, ...more,
  });
}

/** Chunks of 40,000 bytes, each filled with a number of its own. */
const chunkBytes = (index: number): Uint8Array => Uint8Array.from({ length: 40_000 }, (_, at) => (index * 37 + at * 3 + (at >> 8)) & 0xff);

function entry(index: number, changes: { readonly kind?: 'vod' | 'live'; readonly bytes?: Uint8Array } = {}): LogEntry {
  const { root, hashes } = digestChunk(changes.bytes ?? chunkBytes(index));
  const isLive = changes.kind === 'live';
  const signed = key.signRecord({
    stream: streamId(0), index: chunkIndex(index), startUs: index * 2e6, durationUs: 2_000_000, bytes: (changes.bytes ?? chunkBytes(index)).length, root,
    mediaSequence: index, discontinuitySequence: 0, onAirMs: isLive ? NOW + index * 2_000 : 0,
  });
  return { signed, hashes };
}

function describeChannel(changes: Partial<Omit<ChannelDescription, 'publicKey'>> = {}, chunks = 3): SignedDescription {
  const isLive = changes.kind === 'live';
  return key.signDescription({
    version: 1, title: 'From afar', kind: 'vod', pieceBytes: PIECE_BYTES, windowChunks: isLive ? 4 : 0,
    streams: [{
      id: 0, kind: 'muxed', codecs: 'avc1.42c01e,mp4a.40.2', bandwidth: 1_000_000, averageBandwidth: 900_000, width: 854, height: 480, frameRate: 25,
      language: '', name: '', init: bytesToBase64(new Uint8Array(9)), extension: 'm4s', targetDurationSeconds: 2,
      durationsUs: isLive ? [] : Array.from({ length: chunks }, () => 2_000_000),
    }],
    ...changes,
  });
}

const LISTED = { floor: 'server', isListed: true } as const;
const list = async (): Promise<ChannelListing[]> => (await (await fetch(server.url + paths.channels)).json()) as ChannelListing[];
const chunkUrl = (index: number): string => server.url + paths.chunk(channel, streamId(0), chunkIndex(index), 'm4s');

describe('a film published from elsewhere', () => {
  it('U-4, U-5: is served as it was sent, and listed once it is whole', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    expect(await host.addEntries(0, [entry(0), entry(1), entry(2)])).toBe(3);
    for (const index of [0, 1]) await host.putChunk(0, index, chunkBytes(index));
    expect(await list()).toEqual([]);
    expect(await host.state()).toEqual({ streams: [{ stream: 0, nextEntry: 3, missing: [[2, 1]] }] });
    await host.putChunk(0, 2, chunkBytes(2));
    expect(await list()).toMatchObject([{ id: channel, title: 'From afar', kind: 'vod', durationSeconds: 6 }]);
    expect(new Uint8Array(await (await fetch(chunkUrl(1))).arrayBuffer())).toEqual(chunkBytes(1));
    const log = decodeLogEntries(new Uint8Array(await (await fetch(server.url + paths.records(channel, streamId(0), chunkIndex(0), 9))).arrayBuffer()));
    expect(encodeLogEntries(log)).toEqual(encodeLogEntries([entry(0), entry(1), entry(2)]));
  });

  it('is there after a restart, and an upload that was interrupted goes on where it was', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await host.addEntries(0, [entry(0), entry(1)]);
    await host.putChunk(0, 1, chunkBytes(1));
    // What a power cut leaves of a chunk that was being written.
    await writeFile(join(folder, 'data/published', channel, '0/.part-0123'), 'half a chu');
    await server.close();
    clock.moveTo(clock.nowMs() + 1_000);
    await start();
    const again = client();
    expect(await again.state()).toEqual({ streams: [{ stream: 0, nextEntry: 2, missing: [[0, 1]] }] });
    expect(await readdir(join(folder, 'data/published', channel, '0'))).toEqual(['1.m4s']);
    expect((await fetch(chunkUrl(0))).status).toBe(404);
    expect(new Uint8Array(await (await fetch(chunkUrl(1))).arrayBuffer())).toEqual(chunkBytes(1));
    await again.addEntries(0, [entry(0), entry(1), entry(2)]);
    for (const index of [0, 2]) await again.putChunk(0, index, chunkBytes(index));
    expect(await list()).toHaveLength(1);
  });

  it('may have pictures, which the description names by their hashes', async () => {
    const host = client();
    const [poster, other] = [Buffer.from('a poster'), Buffer.from('another')];
    const hash = (bytes: Uint8Array): string => Buffer.from(sha256(bytes)).toString('hex');
    const named = (bytes: Uint8Array): SignedDescription => describeChannel({ poster: { type: 'image/png', bytes: bytes.length, hash: hash(bytes) } });
    await host.describe(named(poster), LISTED);
    expect((await fetch(server.url + paths.picture(channel, hash(poster)))).status).toBe(404);
    await expect(host.putPicture(hash(other), other)).rejects.toMatchObject({ reason: 'conflict' });
    await expect(host.putPicture(hash(poster), other)).rejects.toMatchObject({ status: 422 });
    await host.putPicture(hash(poster), poster);
    await server.close();
    clock.moveTo(clock.nowMs() + 1_000);
    await start();
    const answer = await fetch(server.url + paths.picture(channel, hash(poster)));
    expect([answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer())]).toEqual(['image/png', poster]);
    // What is named no more is not kept either.
    await client().describe(named(other), LISTED);
    await client().putPicture(hash(other), other);
    expect((await fetch(server.url + paths.picture(channel, hash(poster)))).status).toBe(404);
    expect(await readdir(join(folder, 'data/published', channel, 'pictures'))).toEqual([hash(other)]);
  });

  it('that the server has no floor for gets by without chunks, and takes none', async () => {
    const host = client();
    await host.describe(describeChannel(), { floor: 'peers', isListed: true });
    await host.addEntries(0, [entry(0)]);
    await expect(host.putChunk(0, 0, chunkBytes(0))).rejects.toMatchObject({ reason: 'conflict' });
    expect(await list()).toEqual([]);
    await host.tellPresence({ state: 'on', peer: HOST });
    expect(await list()).toHaveLength(1);
    // A log that still grows answers with what it has, be it nothing: the rest will come.
    const more = await fetch(server.url + paths.records(channel, streamId(0), chunkIndex(1), 9));
    expect([more.status, (await more.arrayBuffer()).byteLength, more.headers.get('cache-control')]).toEqual([200, 0, 'public, max-age=1']);
  });

  it('is gone when its host takes it off', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await host.addEntries(0, [entry(0)]);
    await host.putChunk(0, 0, chunkBytes(0));
    await host.remove();
    expect((await fetch(server.url + paths.description(channel))).status).toBe(404);
    expect(await readdir(join(folder, 'data/published'))).toEqual([]);
    expect(await client().state()).toBeNull();
  });
});

describe('whoever does not hold the key', () => {
  it('U-2: cannot publish into a channel', async () => {
    await client().describe(describeChannel(), LISTED);
    const foreign = client({ seed: FOREIGN_SEED });
    await expect(foreign.describe(describeChannel({ title: 'Mine now' }), LISTED)).rejects.toMatchObject({ reason: 'refused', status: 403 });
    await expect(foreign.addEntries(0, [entry(0)])).rejects.toMatchObject({ status: 403 });
    await expect(foreign.remove()).rejects.toMatchObject({ status: 403 });
    // The channel's public key with a signature of another.
    const disguised = client({ signer: { publicKey: ed25519.getPublicKey(SEED), sign: (message) => ed25519.sign(message, FOREIGN_SEED) } });
    await expect(disguised.remove()).rejects.toMatchObject({ status: 401 });
    expect((await client().state())?.streams).toHaveLength(1);
  });

  it('cannot put another channel\'s description, nor an unsigned one, in its place', async () => {
    const foreign = new ChannelKey(FOREIGN_SEED);
    const description = { ...(JSON.parse(describeChannel().description) as ChannelDescription) };
    await expect(client().describe({ ...foreign.signDescription(description), channel }, LISTED)).rejects.toMatchObject({ status: 422 });
    const signed = describeChannel();
    const changed = { ...signed, description: signed.description.replace('From afar', 'From near') };
    await expect(client().describe(changed, LISTED)).rejects.toMatchObject({ status: 422 });
  });

  it('U-3: cannot repeat what the host once sent', async () => {
    await client().describe(describeChannel(), LISTED);
    const path = publishPath('presence', { channel });
    const body = Buffer.from(JSON.stringify({ state: 'over', peer: null }));
    const timeMs = clock.nowMs();
    const signature = ed25519.sign(publishSigningBytes({ method: 'POST', path, timeMs, bodyHash: Buffer.from(sha256(body)).toString('hex') }), SEED);
    const headers = { [PUBLISH_HEADERS.key]: bytesToBase64(ed25519.getPublicKey(SEED)), [PUBLISH_HEADERS.time]: String(timeMs), [PUBLISH_HEADERS.signature]: bytesToBase64(signature) };
    const send = async (): Promise<number> => (await fetch(server.url + path, { method: 'POST', headers, body })).status;
    expect(await send()).toBe(200);
    expect(await send()).toBe(401);
    // A server that was started anew has forgotten the signature, not the time.
    await server.close();
    await start();
    expect(await send()).toBe(401);
    clock.moveTo(clock.nowMs() + 5);
    await client().describe(describeChannel(), LISTED);
    clock.moveTo(NOW + 61_000);
    expect(await send()).toBe(401);
  });
});

describe('a channel that its host has abandoned', () => {
  const DAY_MS = 86_400_000;
  const isHere = async (): Promise<boolean> => (await fetch(server.url + paths.description(channel))).ok;

  it('is taken off the server when it was live two days ago, with all that was stored of it', async () => {
    const host = client();
    await host.describe(describeChannel({ kind: 'live' }), LISTED);
    await host.addEntries(0, [entry(0, { kind: 'live' })]);
    await host.putChunk(0, 0, chunkBytes(0));
    clock.moveTo(NOW + DAY_MS);
    expect(await isHere()).toBe(true);
    clock.moveTo(NOW + 2 * DAY_MS);
    expect(await isHere()).toBe(false);
    await vi.waitFor(async () => expect(await readdir(join(folder, 'data/published'))).toEqual([]));
  });

  it('is found at a start too, and stays where it is a whole film', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await host.addEntries(0, [entry(0), entry(1), entry(2)]);
    for (const index of [0, 1]) await host.putChunk(0, index, chunkBytes(index));
    await server.close();
    clock.moveTo(NOW + 6 * DAY_MS);
    await start();
    await client().putChunk(0, 2, chunkBytes(2));
    await server.close();
    clock.moveTo(NOW + 300 * DAY_MS);
    await start();
    expect(await list()).toHaveLength(1);
  });
});

describe('what a host may get wrong', () => {
  it('U-3: a clock that is an hour off is corrected by the server\'s', async () => {
    const early = client({ wallClockMs: () => clock.nowMs() - 3_600_000 });
    await early.describe(describeChannel(), LISTED);
    expect(await early.addEntries(0, [entry(0)])).toBe(1);
  });

  it('U-5: wrong bytes are refused, and nothing of them is left', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await expect(host.putChunk(0, 0, chunkBytes(0))).rejects.toMatchObject({ reason: 'conflict' });
    await host.addEntries(0, [entry(0)]);
    const wrong = chunkBytes(0);
    wrong[20_000]! ^= 1;
    await expect(host.putChunk(0, 0, wrong)).rejects.toMatchObject({ status: 422 });
    await expect(host.putChunk(0, 0, wrong.subarray(0, 100))).rejects.toMatchObject({ status: 422 });
    await expect(host.putChunk(0, 0, new Uint8Array(50_000))).rejects.toMatchObject({ status: 413 });
    expect((await fetch(chunkUrl(0))).status).toBe(404);
    await expect(readdir(join(folder, 'data/published', channel))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('U-4: entries out of order, forged or of another length are refused, known ones passed over', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await expect(host.addEntries(0, [entry(1)])).rejects.toMatchObject({ reason: 'conflict' });
    const good = entry(0);
    const forged = { ...good, signed: { ...good.signed, signature: good.signed.signature.map((byte) => byte ^ 1) } };
    await expect(host.addEntries(0, [forged])).rejects.toMatchObject({ status: 422 });
    await expect(host.addEntries(0, [{ ...good, hashes: good.hashes.map((byte) => byte ^ 1) }])).rejects.toMatchObject({ status: 422 });
    await host.addEntries(0, [good]);
    expect(await host.addEntries(0, [good, entry(1)])).toBe(2);
    await expect(host.addEntries(0, [entry(0, { bytes: chunkBytes(9) })])).rejects.toMatchObject({ reason: 'conflict' });
    await expect(host.describe(describeChannel({}, 4), LISTED)).rejects.toMatchObject({ reason: 'conflict' });
    await host.describe(describeChannel({ title: 'A better title' }), LISTED);
  });

  it('a chunk that the disk does not take is refused, and taken when it does', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await host.addEntries(0, [entry(0)]);
    await mkdir(join(folder, 'data/published'), { recursive: true });
    const obstacle = join(folder, 'data/published', channel);
    await writeFile(obstacle, 'in the way');
    await expect(host.putChunk(0, 0, chunkBytes(0))).rejects.toMatchObject({ reason: 'full', status: 507 });
    await rm(obstacle);
    await host.putChunk(0, 0, chunkBytes(0));
    expect((await fetch(chunkUrl(0))).status).toBe(200);
  });

  it('a body that breaks off leaves nothing behind, and the same chunk can be sent again', async () => {
    const host = client();
    await host.describe(describeChannel(), LISTED);
    await host.addEntries(0, [entry(0)]);
    const { init } = await host.prepareBeat({ state: 'on', peer: null });
    const headers = { ...(init.headers as Record<string, string>), 'content-length': '40000' };
    await new Promise<void>((resolve) => {
      const broken = request(server.url + publishPath('putChunk', { channel, stream: 0, index: 0 }), { method: 'PUT', headers }, () => undefined);
      broken.on('error', () => undefined);
      broken.on('close', resolve);
      broken.write(chunkBytes(0).subarray(0, 10_000), () => broken.destroy());
    });
    await host.putChunk(0, 0, chunkBytes(0));
    expect((await fetch(chunkUrl(0))).status).toBe(200);
    expect(warnings).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['GET', 'presence', 405],
    ['GET', 'nothing', 404],
    ['POST', '999/entries', 401],
  ])('%s %s is answered with %d and a sentence', async (method, path, status) => {
    const response = await fetch(`${server.url}/api/publish/${channel}/${path}`, { method, body: method === 'GET' ? null : 'x' });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\.$/) as string });
  });
});

describe('a live channel published from elsewhere', () => {
  const live = (): SignedDescription => describeChannel({ kind: 'live' });

  it('keeps its window and forgets what is behind it, also on disk', async () => {
    const host = client();
    await host.describe(live(), LISTED);
    await host.tellPresence({ state: 'on', peer: null });
    for (let index = 0; index < 12; index++) {
      await host.addEntries(0, [entry(index, { kind: 'live' })]);
      await host.putChunk(0, index, chunkBytes(index));
    }
    await vi.waitFor(async () => expect((await readdir(join(folder, 'data/published', channel, '0'))).length).toBe(8));
    expect([(await fetch(chunkUrl(3))).status, (await fetch(chunkUrl(4))).status]).toEqual([410, 200]);
    await server.close();
    clock.moveTo(clock.nowMs() + 1_000);
    await start();
    expect((await client().state())?.streams).toEqual([{ stream: 0, nextEntry: 12, missing: [] }]);
    expect([(await fetch(chunkUrl(3))).status, (await fetch(chunkUrl(4))).status]).toEqual([410, 200]);
  });

  it('may get streams that it did not have, and loses none that somebody may watch', async () => {
    const host = client();
    const [known] = (JSON.parse(describeChannel({ kind: 'live' }).description) as ChannelDescription).streams;
    await host.describe(describeChannel({ kind: 'live' }), LISTED);
    await host.addEntries(0, [entry(0, { kind: 'live' })]);
    await host.describe(describeChannel({ kind: 'live', streams: [known!, { ...known!, id: 1 }] }), LISTED);
    expect((await host.state())?.streams).toEqual([{ stream: 0, nextEntry: 1, missing: [[0, 1]] }, { stream: 1, nextEntry: 0, missing: [] }]);
    await expect(host.describe(describeChannel({ kind: 'live', streams: [{ ...known!, id: 1 }] }), LISTED)).rejects.toMatchObject({ status: 409 });
    await expect(host.describe(describeChannel({ kind: 'live', streams: [{ ...known!, extension: 'ts' }] }), LISTED)).rejects.toMatchObject({ status: 409 });
  });

  it('U-6: tells its viewers the host\'s peer first, and when the host is away, back and done', async () => {
    const host = client();
    await host.describe(live(), { floor: 'peers', isListed: false });
    const viewer: Socket<MemberEvents, TrackerEvents> = io(server.url, { transports: ['websocket'], forceNew: true });
    const own: Socket<MemberEvents, TrackerEvents> = io(server.url, { transports: ['websocket'], forceNew: true });
    const join = (socket: typeof viewer, peer: string): Promise<JoinReply> =>
      new Promise((resolve) => void socket.emit('join', { channel, peer: peer as PeerId, position: { mediaMs: -1, uploads: true, links: 0, maxLinks: 8 } }, resolve));
    const told: Presence['hosted'][] = [];
    viewer.on('presence', (presence) => told.push(presence.hosted));
    await join(own, HOST);
    await host.tellPresence({ state: 'on', peer: HOST });
    const reply = await join(viewer, 'v'.repeat(32));
    expect(reply).toMatchObject({ ok: true, hosted: { state: 'on', peer: HOST, floor: 'peers' }, candidates: [{ peer: HOST }] });
    const arrived = new Promise<Uint8Array>((resolve) => void viewer.once('head', (head) => resolve(Uint8Array.from(head.entry as Uint8Array))));
    await host.addEntries(0, [entry(0, { kind: 'live' })]);
    expect(decodeLogEntries(await arrived)[0]!.signed.record.index).toBe(0);
    clock.moveTo(NOW + PRESENCE_SILENCE_MS);
    await vi.waitFor(() => expect(told.at(-1)).toEqual({ state: 'away', peer: null, floor: 'peers' }));
    await host.tellPresence({ state: 'on', peer: HOST });
    await host.tellPresence({ state: 'on', peer: HOST });
    await host.tellPresence({ state: 'over', peer: null });
    await vi.waitFor(() => expect(told.map(({ state }) => state)).toEqual(['away', 'on', 'over']));
    viewer.close();
    own.close();
  });

  it('lets whoever asks for a chunk that is announced wait for its upload', async () => {
    const host = client();
    await host.describe(live(), LISTED);
    await host.tellPresence({ state: 'on', peer: null });
    await host.addEntries(0, [entry(0, { kind: 'live' })]);
    const timers = clock.pending;
    const asked = fetch(chunkUrl(0));
    await vi.waitFor(() => expect(clock.pending).toBe(timers + 1));
    await host.putChunk(0, 0, chunkBytes(0));
    expect(new Uint8Array(await (await asked).arrayBuffer())).toEqual(chunkBytes(0));
    expect(clock.pending).toBe(timers);
  });
});

describe('an operator who wants no hosts from elsewhere', () => {
  it('has a server without the API', async () => {
    await server.close();
    await start(false);
    await expect(client().describe(describeChannel(), LISTED)).rejects.toMatchObject({ status: 405 });
  });
});

describe('what is signed', () => {
  it('U-2: is domain, method, path, time and hash of the body, a line each', () => {
    const text = new TextDecoder().decode(publishSigningBytes({ method: 'PUT', path: '/p', timeMs: 12, bodyHash: 'ab' }));
    expect(text).toBe('tributary publish 1\nPUT\n/p\n12\nab');
    expect(publishPath('putChunk', { channel, stream: 3, index: 7 })).toBe(`/api/publish/${channel}/3/7`);
  });
});
