import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseChannelId, parsePeerId, type PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { forwardedSignalSchema, headSchema, joinReplySchema, type Join, type JoinReply, type MemberEvents, type TrackerEvents } from '#protocol/tracker-events';
import { Tracker } from '#server/tracker/tracker';
import { DEFAULT_TRACKER_SETTINGS } from '#server/tracker/tracker-settings';
import { DEFAULT_SOCKET_SETTINGS, type SocketSettings } from './socket-settings.ts';
import { TrackerSockets } from './tracker-sockets.ts';

const CHANNEL = parseChannelId('a'.repeat(32));
const OTHER = parseChannelId('b'.repeat(32));
const UNKNOWN = parseChannelId('c'.repeat(32));
const peer = (letter: string): PeerId => parsePeerId(letter.repeat(32));
const POSITION = { mediaMs: 0, uploads: true, links: 0, maxLinks: 8 };
const HEAD = Uint8Array.from([1, 2, 3]);

type Client = Socket<MemberEvents, TrackerEvents>;

let server: Server;
let sockets: TrackerSockets;
let tracker: Tracker;
let clients: Client[];
let nowMs: number;

/** Whether the server still opens its channels. */
let isOpening = false;

async function start(settings: Partial<SocketSettings> = {}): Promise<void> {
  const sign = (message: Uint8Array): Uint8Array => createHash('sha512').update(message).digest();
  const key = { sign, verify: (message: Uint8Array, signature: Uint8Array) => Buffer.from(sign(message)).equals(signature) };
  nowMs = 1_800_000_000_000;
  clients = [];
  isOpening = false;
  server = createServer();
  tracker = new Tracker({ key, random: new SeededRandom(1), settings: DEFAULT_TRACKER_SETTINGS });
  tracker.open(CHANNEL);
  tracker.open(OTHER);
  sockets = new TrackerSockets({
    server,
    tracker,
    clock: { nowMs: () => nowMs, after: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); } },
    settings: { ...DEFAULT_SOCKET_SETTINGS, ...settings },
    iceServers: [{ urls: 'stun:192.0.2.1' }],
    heads: (channel) => (channel === CHANNEL ? [HEAD] : []),
    hosted: () => undefined,
    isOpening: () => isOpening,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

beforeEach(() => start());
afterEach(async () => {
  for (const client of clients) client.disconnect();
  await sockets.close();
});

async function connect(): Promise<Client> {
  const client: Client = io(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { transports: ['websocket'], forceNew: true, reconnection: false });
  clients.push(client);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('connect_error', reject);
  });
  return client;
}

const join = (client: Client, letter: string, more: Partial<Join> = {}): Promise<JoinReply> =>
  new Promise((resolve) => void client.emit('join', { channel: CHANNEL, peer: peer(letter), position: POSITION, ...more }, resolve));

async function member(letter: string, more: Partial<Join> = {}): Promise<Client & { ticket: string }> {
  const client = await connect();
  const reply = await join(client, letter, more);
  if (!reply.ok) throw new Error(reply.reason);
  return Object.assign(client, { ticket: reply.ticket });
}

const until = (isSo: () => boolean): Promise<void> => vi.waitFor(() => expect(isSo()).toBe(true), { timeout: 5000, interval: 5 });
const disconnected = (client: Client): Promise<string> => new Promise((resolve) => void client.once('disconnect', resolve));

/** Sends anything, as a client would that keeps to nothing. */
const emitAnything = (client: Client, event: string, ...args: unknown[]): void => void (client as unknown as Socket).emit(event, ...args);
/** Resolves when everything this client has sent was handled: events of one socket are handled in order. */
async function handled(client: Client): Promise<void> {
  await client.emitWithAck('candidates', { channel: CHANNEL, position: POSITION, known: [] });
}

describe('a join', () => {
  it('is answered with all a peer needs to begin', async () => {
    await member('d');
    const client = await connect();
    const reply = joinReplySchema.parse(await join(client, 'e'));
    expect(reply).toMatchObject({ ok: true, swarmSize: 2, iceServers: [{ urls: 'stun:192.0.2.1' }], trackerMs: nowMs });
    if (!reply.ok) throw new Error(reply.reason);
    expect(reply.candidates.map((candidate) => candidate.peer)).toEqual([peer('d')]);
    expect(reply.heads.map((head) => Buffer.from(head as Uint8Array))).toEqual([Buffer.from(HEAD)]);
  });

  it('of a channel that is not here is refused', async () => {
    expect(await join(await connect(), 'd', { channel: UNKNOWN })).toEqual({ ok: false, reason: 'unknownChannel' });
  });

  it('of a channel that a starting server may yet open is to be asked for again', async () => {
    isOpening = true;
    const client = await connect();
    expect(await join(client, 'd', { channel: UNKNOWN })).toEqual({ ok: false, reason: 'tooFast' });
    isOpening = false;
    expect(await join(client, 'd', { channel: UNKNOWN })).toEqual({ ok: false, reason: 'unknownChannel' });
  });

  it('under a taken id is refused', async () => {
    await member('d');
    expect(await join(await connect(), 'd')).toEqual({ ok: false, reason: 'idTaken' });
  });

  it('with the ticket of the id takes it back, and the old socket is out', async () => {
    const old = await member('d');
    const isOut = disconnected(old);
    const reply = await join(await connect(), 'd', { ticket: old.ticket });
    expect(reply).toMatchObject({ ok: true, swarmSize: 1 });
    await isOut;
    // The old socket's end must not take the new one's place away.
    await until(() => sockets.connections === 1);
    expect(tracker.isMember(CHANNEL, peer('d'))).toBe(true);
  });

  it('again on the same socket needs no ticket', async () => {
    const client = await member('d');
    expect(await join(client, 'd')).toMatchObject({ ok: true, swarmSize: 1 });
    expect(await join(client, 'e')).toMatchObject({ ok: true, swarmSize: 1 });
    expect(tracker.isMember(CHANNEL, peer('d'))).toBe(false);
  });

  it('is possible in several channels on one socket, up to a limit', async () => {
    await sockets.close();
    await start({ maxChannels: 1 });
    const client = await member('d');
    expect(await join(client, 'd', { channel: OTHER })).toEqual({ ok: false, reason: 'full' });
  });

  it('ends with leaving and with the connection', async () => {
    const [stays, leaves, drops] = [await member('d'), await member('e'), await member('f')];
    leaves.emit('leave', { channel: CHANNEL });
    await until(() => tracker.swarmSize(CHANNEL) === 2);
    drops.disconnect();
    await until(() => tracker.swarmSize(CHANNEL) === 1);
    expect(stays.connected).toBe(true);
  });
});

describe('a signal', () => {
  it('reaches its peer with the id its sender joined under', async () => {
    const [from, to] = [await member('d'), await member('e')];
    const arrived = new Promise((resolve) => void to.once('signal', resolve));
    from.emit('signal', { channel: CHANNEL, to: peer('e'), signal: 'offer' });
    expect(forwardedSignalSchema.parse(await arrived)).toEqual({ channel: CHANNEL, from: peer('d'), signal: 'offer' });
    expect(sockets.signals).toBe(1);
  });

  it('from who is not in the channel goes nowhere', async () => {
    const [inside, outside] = [await member('d'), await member('e', { channel: OTHER })];
    const heard: unknown[] = [];
    inside.on('signal', (signal) => heard.push(signal));
    outside.emit('signal', { channel: CHANNEL, to: peer('d'), signal: 'offer' });
    outside.emit('signal', { channel: OTHER, to: peer('d'), signal: 'offer' });
    await until(() => sockets.refused.notMember === 1);
    await handled(outside);
    await handled(inside);
    expect([heard, sockets.signals]).toEqual([[], 0]);
  });

  it('cannot claim another sender', async () => {
    const [from, to] = [await member('d'), await member('e')];
    const heard: unknown[] = [];
    to.on('signal', (signal) => heard.push(signal));
    emitAnything(from, 'signal', { channel: CHANNEL, to: peer('e'), from: peer('f'), signal: 'offer' });
    await handled(from);
    await handled(to);
    expect([heard, sockets.refused.invalid]).toEqual([[], 1]);
  });
});

describe('a new head', () => {
  it('reaches all members of its channel and nobody else', async () => {
    const [first, second, other] = [await member('d'), await member('e'), await member('f', { channel: OTHER })];
    const heard = [first, second].map((client) => new Promise((resolve) => void client.once('head', resolve)));
    let misled = 0;
    other.on('head', () => (misled += 1));
    sockets.announceHead(CHANNEL, HEAD);
    for (const head of await Promise.all(heard)) {
      const { entry, swarmSize } = headSchema.parse(head);
      expect([Buffer.from(entry as Uint8Array), swarmSize]).toEqual([Buffer.from(HEAD), 2]);
    }
    await handled(other);
    expect(misled).toBe(0);
  });
});

describe('reports', () => {
  it('make the channel\'s offload', async () => {
    const client = await member('d');
    nowMs += 10_000;
    client.emit('report', { channel: CHANNEL, bytesFromPeers: 3000, bytesFromSeeder: 1000, bytesToPeers: 0, controlBytes: 0, stalls: 0, stalledMs: 0, startupMs: 100, watchedMs: 1, links: 2 });
    await until(() => tracker.offloadRatio(CHANNEL) === 0.75);
  });
});

describe('a hostile client', () => {
  it.each<[string, unknown[]]>([
    ['join', []],
    ['join', [null]],
    ['join', ['x'.repeat(1000)]],
    ['join', [{ channel: CHANNEL, peer: 'short', position: POSITION }]],
    ['join', [{ channel: CHANNEL, peer: peer('d'), position: { ...POSITION, links: -1 } }]],
    ['join', [{ channel: CHANNEL, peer: peer('d'), position: POSITION, extra: 1 }]],
    // A join that nobody waits for.
    ['join', [{ channel: CHANNEL, peer: peer('d'), position: POSITION }]],
    ['candidates', [{ channel: CHANNEL, position: POSITION, known: Array(300).fill(peer('e')) }]],
    ['signal', [{ channel: CHANNEL, to: peer('e'), signal: 7 }]],
    ['signal', [{ channel: CHANNEL, to: peer('e'), signal: 'x'.repeat(13_000) }]],
    ['signal', [new Uint8Array(100)]],
    ['signal', [[[[[[[]]]]]]]],
    ['report', [{ channel: CHANNEL }]],
    ['report', [{ __proto__: { channel: CHANNEL } }]],
    ['leave', [7]],
    ['leave', [() => undefined]],
  ])('%s with nonsense %# is counted and changes nothing', async (event, args) => {
    const client = await connect();
    emitAnything(client, event, ...args);
    await until(() => sockets.refused.invalid === 1);
    expect([tracker.swarmSize(CHANNEL), client.connected]).toEqual([0, true]);
  });

  it('that sends unknown events is counted', async () => {
    const client = await connect();
    emitAnything(client, 'constructor', 1);
    emitAnything(client, '__proto__', 1);
    await until(() => sockets.refused.unknownEvent === 2);
  });

  it('that goes on is disconnected, and others are not', async () => {
    const [good, bad] = [await member('d'), await connect()];
    const isOut = disconnected(bad);
    for (let n = 0; n <= DEFAULT_SOCKET_SETTINGS.offences.burst; n++) emitAnything(bad, 'signal', n);
    await isOut;
    expect(good.connected).toBe(true);
  });

  it('is answered "too fast" beyond its rate, and may go on later', async () => {
    const client = await connect();
    const replies = [];
    for (let n = 0; n < DEFAULT_SOCKET_SETTINGS.joinRate.burst + 1; n++) replies.push(await join(client, 'd'));
    expect(replies.filter((reply) => !reply.ok)).toEqual([{ ok: false, reason: 'tooFast' }]);
    nowMs += 10_000;
    expect((await join(client, 'd')).ok).toBe(true);
  });

  it('with a message larger than any of ours is cut off', async () => {
    const client = await connect();
    const isOut = disconnected(client);
    emitAnything(client, 'signal', { channel: CHANNEL, to: peer('e'), signal: 'x'.repeat(100_000) });
    await isOut;
  });

  it('that opens too many sockets is turned away at the door', async () => {
    await sockets.close();
    await start({ maxConnectionsPerAddress: 2 });
    await connect();
    const second = await connect();
    await expect(connect()).rejects.toThrow();
    expect(sockets.refused.address).toBe(1);
    second.disconnect();
    await until(() => sockets.connections === 1);
    await connect();
  });

  it('that may not use polling cannot', async () => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/?EIO=4&transport=polling`);
    expect(answer.status).toBe(400);
  });

  it('that does not read is cut off before it costs memory', async () => {
    await sockets.close();
    await start({ signalRate: { burst: 1e6, perSecond: 1e6 } });
    const accepted: TcpSocket[] = [];
    server.on('connection', (socket) => accepted.push(socket));
    const [sender, deaf] = [await member('d'), await member('e')];
    const { ws } = (deaf.io.engine as unknown as { transport: { ws: { _socket?: TcpSocket; pause(): void } } }).transport;
    ws.pause();
    const signal = 'x'.repeat(12_000);
    // 60 MB in all, of which the kernel may take some on either side.
    for (let n = 0; n < 5000 && sockets.refused.slowReader === 0; n++) {
      sender.emit('signal', { channel: CHANNEL, to: peer('e'), signal });
      if (n % 100 === 99) await handled(sender);
      nowMs += 100;
    }
    expect(sockets.refused.slowReader).toBe(1);
    await until(() => !tracker.isMember(CHANNEL, peer('e')));
    expect(sender.connected).toBe(true);
    expect(Math.max(...accepted.map((socket) => socket.writableLength))).toBeLessThan(2 * DEFAULT_SOCKET_SETTINGS.maxBacklogBytes);
  });
});

describe('a ticket presented from another network', () => {
  /** Sockets of this test come from two addresses of the loopback network. */
  async function connectFrom(localAddress: string): Promise<Client> {
    const client: Client = io(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { transports: ['websocket'], forceNew: true, reconnection: false, localAddress } as never);
    clients.push(client);
    await new Promise<void>((resolve, reject) => {
      client.once('connect', resolve);
      client.once('connect_error', reject);
    });
    return client;
  }

  it('does not displace a peer that is there: its neighbours know the ticket too', async () => {
    const old = await member('d');
    const thief = await connectFrom('127.0.0.2');
    expect(await join(thief, 'd', { ticket: old.ticket })).toEqual({ ok: false, reason: 'idTaken' });
    expect(old.connected).toBe(true);
  });

  it('takes over from a socket that no longer answers', async () => {
    await sockets.close();
    await start({ probeTimeoutMs: 50 });
    const old = await member('d');
    const { ws } = (old.io.engine as unknown as { transport: { ws: { pause(): void } } }).transport;
    ws.pause();
    expect(await join(await connectFrom('127.0.0.2'), 'd', { ticket: old.ticket })).toMatchObject({ ok: true, swarmSize: 1 });
  });
});

describe('closing', () => {
  it('tells clients in a way that makes them come back', async () => {
    const client = await member('d');
    const reason = disconnected(client);
    await sockets.close();
    // "io server disconnect" would keep socket.io's client from reconnecting.
    expect(await reason).toBe('transport close');
    await sockets.close();
  });

  it('does not wait for a client that is frozen', async () => {
    const client = await member('d');
    const { ws } = (client.io.engine as unknown as { transport: { ws: { pause(): void } } }).transport;
    ws.pause();
    await sockets.close();
    expect(server.listening).toBe(false);
    // Without the grace it would take the 30 s that a WebSocket waits for the other end's goodbye.
  }, 15_000);
});
