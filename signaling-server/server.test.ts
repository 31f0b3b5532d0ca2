import { createPublicKey, createHash, verify } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { base64ToBytes } from '#protocol/base64';
import { channelIdInput, descriptionSigningBytes, isDescription, isSignedDescription, type ChannelDescription } from '#protocol/description';
import { chunkIndex, ID_BYTES, idToText, parsePeerId, streamId, type ChannelId } from '#protocol/ids';
import { leafInput, merkleRoot } from '#protocol/merkle';
import { paths, type ChannelListing } from '#protocol/paths';
import { decodeLogEntries, pieceLength, recordSigningBytes, type LogEntry } from '#protocol/record';
import { joinReplySchema, type MemberEvents, type TrackerEvents } from '#protocol/tracker-events';
import type { ChannelSpec, Options } from './options.ts';
import type { ServerEvent } from './report.ts';
import { startServer, type RunningServer } from './server.ts';
import { FakeClock } from './testing/fake-clock.ts';

const NOW = 1_800_000_000_000;
let folder: string;
let clip: string;
let clock: FakeClock;
let events: ServerEvent[];
let running: RunningServer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  clip = await writeClip(join(folder, 'clip.mp4'), { seconds: 6, bytesPerFrame: 1500 });
  clock = new FakeClock(NOW);
  [events, running] = [[], []];
});
afterEach(async () => {
  for (const server of running) await server.close();
  await rm(folder, { recursive: true });
});

async function start(channels?: readonly ChannelSpec[], more: Partial<Options> = {}, waitsForChannels = true): Promise<RunningServer> {
  const options: Options = {
    channels: channels ?? [{ title: 'Film', kind: 'vod', path: clip }, { title: 'TV', kind: 'live', path: clip }],
    port: 0, address: '127.0.0.1', dataFolder: join(folder, 'data'), clientFolder: join(folder, 'client'), isJson: true, consent: 'ask', iceServers: [], title: undefined, isPublishing: true, ...more,
  };
  const server = await startServer(options, { clock, random: { next: () => 0.5 }, report: (event) => events.push(event) });
  running.push(server);
  if (waitsForChannels) await server.ready;
  return server;
}

const getJson = async (url: string): Promise<unknown> => (await fetch(url)).json();
const getBytes = async (url: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(url)).arrayBuffer());
const list = async (server: RunningServer): Promise<ChannelListing[]> => (await getJson(server.url + paths.channels)) as ChannelListing[];
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const ed25519 = (raw: Uint8Array) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });

/** What a viewer does before it believes a description. */
async function openDescription(server: RunningServer, id: ChannelId): Promise<ChannelDescription> {
  const signed = await getJson(server.url + paths.description(id));
  if (!isSignedDescription(signed)) throw new Error('not a signed description');
  const description: unknown = JSON.parse(signed.description);
  if (!isDescription(description)) throw new Error('not a description');
  const publicKey = base64ToBytes(description.publicKey);
  expect(idToText(sha256(channelIdInput(publicKey)).subarray(0, ID_BYTES))).toBe(id);
  expect(verify(null, descriptionSigningBytes(signed.description), ed25519(publicKey), base64ToBytes(signed.signature))).toBe(true);
  return description;
}

/** What a viewer does before it plays a chunk: signature, root over the hashes, hash of every piece. */
function isGenuine(id: ChannelId, publicKey: string, { signed, hashes }: LogEntry, bytes: Uint8Array): boolean {
  const isSigned = verify(null, recordSigningBytes(id, signed.record), ed25519(base64ToBytes(publicKey)), signed.signature);
  const hasRoot = Buffer.from(merkleRoot(hashes, sha256)).equals(signed.record.root);
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const length = pieceLength(signed.record.bytes, piece);
    const digest = sha256(leafInput(bytes.subarray(at, at + length)));
    if (!Buffer.from(digest).equals(hashes.subarray(piece * 32, piece * 32 + 32))) return false;
    at += length;
  }
  return isSigned && hasRoot && at === signed.record.bytes;
}

async function entries(server: RunningServer, id: ChannelId, first: number | 'newest'): Promise<LogEntry[]> {
  return decodeLogEntries(await getBytes(server.url + paths.records(id, streamId(0), first === 'newest' ? first : chunkIndex(first), 64)));
}

describe('everything a server hands out is what the channel key signed', () => {
  it.each(['vod', 'live'] as const)('%s', async (kind) => {
    const server = await start();
    const { id } = (await list(server)).find((channel) => channel.kind === kind)!;
    const description = await openDescription(server, id);
    const log = await entries(server, id, kind === 'vod' ? 0 : 'newest');
    expect(log.length).toBeGreaterThanOrEqual(3);
    for (const entry of log) {
      const { index } = entry.signed.record;
      const bytes = await getBytes(server.url + paths.chunk(id, streamId(0), index, 'm4s'));
      expect(bytes.length).toBeGreaterThan(16_384);
      expect(isGenuine(id, description.publicKey, entry, bytes)).toBe(true);
      // The check itself can fail.
      bytes[bytes.length - 1]! ^= 1;
      expect(isGenuine(id, description.publicKey, entry, bytes)).toBe(false);
    }
  });
});

describe('starting', () => {
  it('announces the address, then each channel with its link, and lists what it announced', async () => {
    const server = await start(undefined, {}, false);
    expect(events[0]).toEqual({ event: 'listening', url: server.url, lan: [] });
    const listed = await list(server);
    await server.ready;
    expect(listed.map(({ title, kind }) => [title, kind])).toEqual([['Film', 'vod'], ['TV', 'live']]);
    expect(events.slice(1)).toEqual(listed.map(({ id, title, kind }) => ({ event: 'channel', id, title, kind, url: `${server.url}/watch/${id}` })));
  });

  it('again finds the same channels under the same links, and packages nothing twice', async () => {
    const first = await start();
    const before = await list(first);
    const packages = await readdir(join(folder, 'data/packages'));
    await first.close();
    clock.moveTo(NOW + 50_000);
    const second = await start();
    const after = await list(second);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(await readdir(join(folder, 'data/packages'))).toEqual(packages);
    const [live] = after.filter(({ kind }) => kind === 'live');
    // Six seconds of clip: three chunks a round, and 50 s later some 25 more are out.
    expect((await entries(second, live!.id, 'newest')).at(-1)!.signed.record.index).toBeGreaterThanOrEqual(24 + 8);
  });

  it('keeps the link of a file that was only touched, and gives another content another one', async () => {
    const first = await start([{ title: 'Film', kind: 'vod', path: clip }]);
    const [before] = await list(first);
    await first.close();
    await utimes(clip, 1, 1);
    const second = await start([{ title: 'Film', kind: 'vod', path: clip }]);
    expect((await list(second))[0]!.id).toBe(before!.id);
    await second.close();
    await writeClip(clip, { seconds: 4, bytesPerFrame: 900 });
    const third = await start([{ title: 'Film', kind: 'vod', path: clip }]);
    expect((await list(third))[0]!.id).not.toBe(before!.id);
  });

  it('packages again what was removed from its data folder', async () => {
    const first = await start();
    const [before] = await list(first);
    await first.close();
    await rm(join(folder, 'data/packages'), { recursive: true });
    const second = await start();
    expect((await list(second))[0]!.id).toBe(before!.id);
    expect((await getBytes(second.url + paths.chunk(before!.id, streamId(0), chunkIndex(0), 'm4s'))).length).toBeGreaterThan(16_384);
  });

  it('may have two channels of one title, and lists one that is given twice once', async () => {
    const other = await writeClip(join(folder, 'other.mp4'), { seconds: 2 });
    const film = { title: 'Film', kind: 'vod', path: clip } as const;
    const server = await start([film, { ...film, path: other }, film]);
    expect((await list(server)).map(({ title }) => title)).toEqual(['Film', 'Film']);
  });

  it('on a taken port fails with a sentence', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(other.listening).toBe(true));
    const { port } = other.address() as AddressInfo;
    await expect(start(undefined, { port })).rejects.toThrow(`Port ${port} is in use`);
    other.close();
  });

  it('with a bad file fails, and leaves neither a port nor half a package behind', async () => {
    await writeFile(join(folder, 'text.mp4'), 'text '.repeat(1000));
    await expect(start([{ title: 'A', kind: 'vod', path: join(folder, 'text.mp4') }])).rejects.toMatchObject({ name: 'IngestError' });
    expect(await readdir(join(folder, 'data/packages'))).toEqual([]);
  });
});

describe('damage in the data folder', () => {
  it('is noticed before a byte of it is served', async () => {
    const server = await start([{ title: 'Film', kind: 'vod', path: clip }]);
    const [film] = await list(server);
    const [name] = await readdir(join(folder, 'data/packages'));
    await writeFile(join(folder, 'data/packages', name!, '0/1.m4s'), 'half writt');
    const answer = await fetch(server.url + paths.chunk(film!.id, streamId(0), chunkIndex(1), 'm4s'));
    expect(answer.status).toBe(500);
    expect(events.at(-1)).toMatchObject({ event: 'warning', message: expect.stringContaining('not what was packaged') as string });
  });
});

describe('a viewer', () => {
  const join = (socket: Socket<MemberEvents, TrackerEvents>, channel: ChannelId): Promise<unknown> =>
    new Promise((resolve) => void socket.emit('join', { channel, peer: parsePeerId('p'.repeat(32)), position: { mediaMs: 0, uploads: true, links: 0, maxLinks: 8 } }, resolve));

  it('of a live channel gets the newest chunk\'s entry on joining, and the next one when it is out', async () => {
    const server = await start();
    const live = (await list(server))[1]!;
    const socket: Socket<MemberEvents, TrackerEvents> = io(server.url, { transports: ['websocket'], forceNew: true });
    const reply = joinReplySchema.parse(await join(socket, live.id));
    if (!reply.ok) throw new Error(reply.reason);
    const [known] = decodeLogEntries(Uint8Array.from(reply.heads[0] as Uint8Array));
    const arrived = new Promise<{ entry: unknown }>((resolve) => void socket.once('head', resolve));
    clock.moveTo(NOW + 2500);
    const [next] = decodeLogEntries(Uint8Array.from((await arrived).entry as Uint8Array));
    expect(next!.signed.record.index).toBe(known!.signed.record.index + 1);
    expect((await list(server))[1]!.viewers).toBe(1);
    const { publicKey } = await openDescription(server, live.id);
    expect(isGenuine(live.id, publicKey, next!, await getBytes(server.url + paths.chunk(live.id, streamId(0), next!.signed.record.index, 'm4s')))).toBe(true);
    socket.disconnect();
  });
});

describe('figures', () => {
  it('name what the seeder sent, by channel and stream', async () => {
    const server = await start();
    const [film] = await list(server);
    const bytes = await getBytes(server.url + paths.chunk(film!.id, streamId(0), chunkIndex(0), 'm4s'));
    const figures = await (await fetch(`${server.url}/metrics`)).text();
    expect(figures).toContain(`tributary_seeder_media_bytes_total{channel="${film!.id}",stream="0"} ${bytes.length}\n`);
    expect(figures).toContain('tributary_channels{kind="live"} 1\n');
    expect(figures).toMatch(/^process_resident_memory_bytes \d+$/m);
    // Every line is a comment or a sample.
    for (const line of figures.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) .+|[a-z_]+(\{[^{}]*\})? [\d.e+-]+)$/);
  });

  it('include health', async () => {
    expect(await getJson(`${(await start()).url}/healthz`)).toEqual({ status: 'ok', channels: 2 });
  });
});

describe('closing', () => {
  it('ends every connection, is idempotent and leaves no timer behind', async () => {
    const server = await start();
    const socket = io(server.url, { transports: ['websocket'], forceNew: true, reconnection: false });
    await new Promise<void>((resolve) => void socket.once('connect', resolve));
    const gone = new Promise((resolve) => void socket.once('disconnect', resolve));
    await server.close();
    await server.close();
    expect(await gone).toBe('transport close');
    await expect(fetch(server.url)).rejects.toThrow();
    // The grace for slow packaging has run out of use, and has nothing to run.
    clock.moveTo(NOW + 60_000);
    expect(clock.pending).toBe(0);
  });
});

describe('a client that is not built', () => {
  it('does not keep plain HLS from playing', async () => {
    await mkdir(join(folder, 'client'), { recursive: true });
    const server = await start();
    const [film] = await list(server);
    expect((await fetch(`${server.url}/watch/${film!.id}`)).status).toBe(503);
    expect((await fetch(server.url + paths.master(film!.id))).status).toBe(200);
  });
});

describe('a channel whose bytes stay with their origin', () => {
  it('is served by reading through, and nothing is served that the origin changed', async () => {
    const source = await start([{ title: 'Film', kind: 'vod', path: clip }], { dataFolder: join(folder, 'origin') });
    const [film] = await list(source);
    const playlist = source.url.replace('localhost', '127.0.0.1') + paths.master(film!.id);
    const server = await start([{ title: 'Relayed', kind: 'vod', path: playlist, allowsPrivate: true }]);
    const [relayed] = await list(server);
    const chunk = (at: RunningServer, id: ChannelId, index: number): Promise<Response> => fetch(at.url + paths.chunk(id, streamId(0), chunkIndex(index), 'm4s'));
    expect(Buffer.from(await (await chunk(server, relayed!.id, 1)).arrayBuffer())).toEqual(Buffer.from(await (await chunk(source, film!.id, 1)).arrayBuffer()));
    await source.close();
    // What was read is kept for a while; what was not is out of reach now.
    expect((await chunk(server, relayed!.id, 1)).status).toBe(200);
    expect((await chunk(server, relayed!.id, 0)).status).toBe(500);
    expect(events.at(-1)).toMatchObject({ event: 'warning', message: expect.stringMatching(/cannot be reached/) as string });
    // Another film at the very address of the first.
    const { port } = new URL(source.url);
    const stranger = createServer((_, response) => response.end(Buffer.alloc(2_000_000, 1))).listen(Number(port), '127.0.0.1');
    await new Promise((resolve) => stranger.once('listening', resolve));
    expect((await chunk(server, relayed!.id, 2)).status).toBe(500);
    stranger.close();
  });
});
