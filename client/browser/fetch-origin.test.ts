import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { StillClock } from '#engine/testing/dialer.contract';
import { describeOrigin, transfer, type OriginHost } from '#engine/testing/origin.contract';
import type { Clock } from '#engine/ports';
import type { ChannelId } from '#protocol/ids';
import { encodeLogEntries } from '#protocol/record';
import { FetchOrigin } from './fetch-origin.ts';
import { SystemClock } from './system-clock.ts';
import { makeEntry } from './testing/entries.ts';

const CHANNEL = 'c'.repeat(32) as ChannelId;
const CHUNK = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 7) & 0xff);
const ENTRIES = [makeEntry(3), makeEntry(4)];

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(handler: Handler): Promise<{ readonly server: Server; readonly serverUrl: string }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** A seeder as the protocol describes it. */
const seeder: Handler = (request, response) => {
  const url = new URL(request.url ?? '', 'http://seeder');
  const records = url.pathname === `/channels/${CHANNEL}/1/records`;
  if (records) {
    const entries = url.searchParams.get('first') === 'newest' ? ENTRIES.slice(-Number(url.searchParams.get('count'))) : ENTRIES;
    response.end(encodeLogEntries(entries));
    return;
  }
  if (url.pathname !== `/channels/${CHANNEL}/1/3.m4s`) {
    response.writeHead(404).end();
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) {
    response.end(CHUNK);
  } else {
    response.writeHead(206, { 'content-range': `bytes ${from}-${to ?? ''}/${CHUNK.length}` });
    response.end(CHUNK.subarray(Number(from), Number(to) + 1));
  }
};

describeOrigin('FetchOrigin', async (): Promise<OriginHost> => {
  const { server, serverUrl } = await listen(seeder);
  return {
    origin: new FetchOrigin({ serverUrl, channel: CHANNEL, clock: new SystemClock(), extensionOf: () => 'm4s', chunkBytes: () => CHUNK.length }),
    chunk: CHUNK,
    entries: ENTRIES,
    fall: () => stop(server),
    close: async () => {
      if (server.listening) await stop(server);
    },
  };
});

describe('FetchOrigin towards a seeder that misbehaves', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(stop));
  });

  const against = async (handler: Handler, clock: Clock = new SystemClock()): Promise<FetchOrigin> => {
    const { server, serverUrl } = await listen(handler);
    servers.push(server);
    return new FetchOrigin({ serverUrl, channel: CHANNEL, clock, extensionOf: () => 'm4s' });
  };

  it('takes the beginning of a whole answer and no byte more', async () => {
    const origin = await against((_request, response) => response.end(CHUNK));
    expect(await transfer(origin, 0, 999)).toEqual({ bytes: CHUNK.slice(0, 1000), end: 'end' });
  });

  it('refuses a whole answer to a range in the middle', async () => {
    const origin = await against((_request, response) => response.end(CHUNK));
    expect(await transfer(origin, 10, 999)).toEqual({ bytes: new Uint8Array(0), end: 'unreachable' });
  });

  it('refuses another range than it asked for', async () => {
    const origin = await against((_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-99/${CHUNK.length}` }).end(CHUNK.subarray(0, 100));
    });
    expect((await transfer(origin, 100, 199)).end).toBe('unreachable');
  });

  it('fails when the answer ends early', async () => {
    const origin = await against((_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-999/${CHUNK.length}` }).end(CHUNK.subarray(0, 500));
    });
    expect((await transfer(origin, 0, 999)).end).toBe('unreachable');
  });

  it('says gone for 410 and unreachable for 500', async () => {
    expect((await transfer(await against((_request, response) => response.writeHead(410).end()), 0, 9)).end).toBe('gone');
    expect((await transfer(await against((_request, response) => response.writeHead(500).end()), 0, 9)).end).toBe('unreachable');
  });

  it('gives up a transfer in which nothing comes any more', async () => {
    const clock = new StillClock();
    let asked: (() => void) | undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const origin = await against(() => asked?.(), clock); // Never answers.
    const over = transfer(origin, 0, 9);
    await isAsked;
    clock.move(10_000);
    expect((await over).end).toBe('unreachable');
  });

  it('refuses records that are damaged, of another stream, or more than asked for', async () => {
    const failure = (origin: FetchOrigin): Promise<string> =>
      new Promise((resolve) => {
        origin.fetchRecords(makeEntry(0).signed.record.stream, 'newest', 1, () => resolve('taken'), resolve);
      });
    const good = encodeLogEntries([makeEntry(3)]);
    expect(await failure(await against((_request, response) => response.end(good)))).toBe('taken');
    expect(await failure(await against((_request, response) => response.end(good.subarray(1))))).toBe('unreachable');
    expect(await failure(await against((_request, response) => response.end(encodeLogEntries(ENTRIES))))).toBe('unreachable');
    const foreign = good.slice();
    foreign[0] = 9;
    expect(await failure(await against((_request, response) => response.end(foreign)))).toBe('unreachable');
  });
});

describe('FetchOrigin with an answer that was asked for early', () => {
  let server: Server | undefined;
  afterEach(() => (server ? stop(server) : undefined));

  const ranges: (string | undefined)[] = [];
  const after = async (body: () => Promise<ArrayBuffer>): Promise<FetchOrigin> => {
    ranges.length = 0;
    const listening = await listen((request, reply) => {
      ranges.push(request.headers.range);
      seeder(request, reply);
    });
    server = listening.server;
    const early = { stream: 1, chunk: 3, bytes: 1000, body: body() };
    return new FetchOrigin({ serverUrl: listening.serverUrl, channel: CHANNEL, clock: new SystemClock(), extensionOf: () => 'm4s', early });
  };
  const answer = (bytes: number): Promise<ArrayBuffer> => Promise.resolve(CHUNK.slice(0, bytes).buffer);

  it('asks only for what comes after it, and uses it once', async () => {
    const origin = await after(() => answer(1000));
    expect(await transfer(origin, 0, 4999)).toEqual({ bytes: CHUNK.slice(0, 5000), end: 'end' });
    expect(await transfer(origin, 0, 999)).toEqual({ bytes: CHUNK.slice(0, 1000), end: 'end' });
    expect(ranges).toEqual(['bytes=1000-4999', 'bytes=0-999']);
  });

  it('asks for nothing where the answer holds all that is wanted, or more', async () => {
    const origin = await after(() => answer(1000));
    expect(await transfer(origin, 0, 499)).toEqual({ bytes: CHUNK.slice(0, 500), end: 'end' });
    expect(ranges).toEqual([]);
  });

  it('leaves it alone for a range in the middle', async () => {
    const origin = await after(() => answer(1000));
    expect(await transfer(origin, 10, 19)).toEqual({ bytes: CHUNK.slice(10, 20), end: 'end' });
    expect(ranges).toEqual(['bytes=10-19']);
  });

  it.each([
    ['failed', () => Promise.reject(new TypeError('no network'))],
    ['is empty', () => answer(0)],
    ['ends early', () => answer(300)],
    ['is a whole chunk', () => answer(CHUNK.length)],
  ])('brings all the same where the early answer %s', async (_what, body) => {
    const origin = await after(body);
    expect(await transfer(origin, 0, 4999)).toEqual({ bytes: CHUNK.slice(0, 5000), end: 'end' });
  });
});
