import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { CHANNEL, describeTracker, goodReply, OTHER, SELF, type TrackerHost } from '#engine/testing/tracker.contract';
import type { Joined } from '#engine/ports';
import { encodeLogEntries } from '#protocol/record';
import type { Join, JoinReply, MoreCandidates, MoreCandidatesReply } from '#protocol/tracker-events';
import { SocketTracker } from './socket-tracker.ts';
import { SystemClock } from './system-clock.ts';
import { makeEntry } from './testing/entries.ts';

interface SocketTrackerHost extends TrackerHost {
  readonly tracker: SocketTracker;
}

/** A real socket.io server that says what the test wants. */
async function openHost(): Promise<SocketTrackerHost> {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'] });
  const waiting = new Map<string, ((value: unknown) => void)[]>();
  let member: Socket | undefined;
  const tell = (event: string, value: unknown): void => waiting.get(event)?.shift()?.(value);
  server.on('connection', (socket) => {
    member = socket;
    socket.on('join', (join: Join, reply: (value: JoinReply) => void) => {
      tell('join', join);
      const answer = host.answer(join);
      if (answer !== undefined) reply(answer);
    });
    socket.on('candidates', (_ask: MoreCandidates, reply: (value: MoreCandidatesReply) => void) => reply(host.moreCandidates));
    for (const event of ['signal', 'report', 'leave']) socket.on(event, (value: unknown) => tell(event, value));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const serverUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  // No chance: rejoining takes half its usual pause.
  const tracker = new SocketTracker({ serverUrl, clock: new SystemClock(), wallClockMs: () => 900_000, chance: () => 0 });
  const host: SocketTrackerHost = {
    tracker,
    answer: () => goodReply(),
    moreCandidates: { candidates: [{ peer: OTHER, ticket: 'AAAA', mediaMs: 1, uploads: false }], swarmSize: 3 },
    entry: makeEntry(5),
    next: (event: string) =>
      new Promise<never>((resolve) => {
        waiting.set(event, [...(waiting.get(event) ?? []), resolve as (value: unknown) => void]);
      }),
    say: (event, value) => void member?.emit(event, value),
    encodeHead: (entry, swarmSize) => ({ channel: CHANNEL, entry: encodeLogEntries([entry]), swarmSize }),
    drop: () => void member?.disconnect(true),
    close: async () => {
      tracker.close();
      await server.close();
    },
  };
  return host;
}

describeTracker('SocketTracker', openHost);

const POSITION = { mediaMs: -1, uploads: true, links: 0, maxLinks: 12 };
const IGNORE = { onJoined: () => {}, onSignal: () => {}, onHead: () => {}, onLost: () => {}, onRefused: () => {} };

describe('SocketTracker', () => {
  it('measures the tracker\'s clock from its answer and half the round trip', async () => {
    const host = await openHost();
    const joined = await new Promise<Joined>((resolve) => {
      host.tracker.join(CHANNEL, SELF, () => POSITION, { ...IGNORE, onJoined: resolve });
    });
    // Tracker 1,000,000 ms, this machine 900,000 ms; half the round trip on top, which is less than the whole second.
    expect(joined.clockOffsetMs).toBeGreaterThanOrEqual(100_000);
    expect(joined.clockOffsetMs).toBeLessThan(101_000);
    await host.close();
  });

  it('tries again by itself when the tracker is full for the moment', { timeout: 20_000 }, async () => {
    const host = await openHost();
    const replies: JoinReply[] = [{ ok: false, reason: 'full' }, goodReply()];
    host.answer = () => replies.shift();
    await new Promise<Joined>((resolve) => {
      host.tracker.join(CHANNEL, SELF, () => POSITION, { ...IGNORE, onJoined: resolve });
    });
    expect(replies).toEqual([]);
    await host.close();
  });

  it('joins over a socket that was connected before there was anything to join', async () => {
    const host = await openHost();
    host.tracker.connect();
    host.tracker.connect();
    await new Promise<Joined>((resolve) => {
      host.tracker.join(CHANNEL, SELF, () => POSITION, { ...IGNORE, onJoined: resolve });
    });
    expect(host.tracker.isConnected).toBe(true);
    await host.close();
  });

  it('tells once that a tracker cannot be reached, however often it tries', { timeout: 20_000 }, async () => {
    let attempts = 0;
    let tried: (() => void) | undefined;
    const triedThrice = new Promise<void>((resolve) => (tried = resolve));
    const wall = createTcpServer((socket) => {
      socket.destroy();
      if (++attempts === 3) tried?.();
    });
    await new Promise<void>((resolve) => wall.listen(0, '127.0.0.1', resolve));
    const serverUrl = `http://127.0.0.1:${(wall.address() as AddressInfo).port}`;
    const tracker = new SocketTracker({ serverUrl, clock: new SystemClock(), wallClockMs: Date.now, chance: () => 0 });
    let losses = 0;
    tracker.join(CHANNEL, SELF, () => POSITION, { ...IGNORE, onLost: () => losses++ });
    await triedThrice;
    tracker.close();
    wall.close();
    expect(losses).toBe(1);
  });
});
