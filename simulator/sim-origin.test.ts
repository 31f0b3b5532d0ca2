import { chunkIndex } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { beforeEach, describe, expect, it } from 'vitest';
import { Network } from './network.ts';
import { PeerClock } from './peer-clock.ts';
import { simHasher, simSigner } from './sim-hasher.ts';
import { SimOrigin, SimOriginServer } from './sim-origin.ts';
import { MAIN_STREAM, SyntheticChannel } from './synthetic-channel.ts';
import { Topology, uniformTopology } from './topology.ts';
import { VirtualClock } from './virtual-clock.ts';

const ONE_WAY_MS = 20;
const THINK_MS = 5;
const BYTES_PER_SECOND = 1e6;
const THREE = chunkIndex(3);

let clock: VirtualClock;
let server: SimOriginServer;
let origin: SimOrigin;
let heard: string[];
let bytes: number[];

beforeEach(() => {
  clock = new VirtualClock();
  const random = new SeededRandom('origin');
  const network = new Network(clock, { topology: new Topology(uniformTopology(ONE_WAY_MS), random), packetLoss: 0, random });
  const channel = new SyntheticChannel(
    { kind: 'live', chunkSeconds: 2, bitsPerSecond: 400e3, variation: 0, chunks: 10, firstOnAirMs: 0 },
    simSigner('channel'),
    simHasher,
    random,
  );
  const place = { region: 0, provider: 0, accessMs: 0 };
  const seeder = network.addHost({ upBytesPerSecond: BYTES_PER_SECOND, downBytesPerSecond: 1e9, place, nat: 'open' });
  const viewer = network.addHost({ upBytesPerSecond: 1e9, downBytesPerSecond: 1e9, place, nat: 'open' });
  server = new SimOriginServer(seeder, channel, network, { thinkMs: THINK_MS, windowBytes: 1e6 });
  server.newest = 20;
  origin = new SimOrigin(server, viewer, new PeerClock(clock));
  heard = [];
  bytes = [];
});

const fetch = (chunk: number, first = 0, last = 99_999): (() => void) =>
  origin.fetchChunk(MAIN_STREAM, chunkIndex(chunk), first, last, {
    onBytes: (part) => {
      for (const byte of part) bytes.push(byte);
    },
    onEnd: () => heard.push(`end at ${clock.nowMs()}`),
    onFailed: (failure) => heard.push(failure),
  });

describe('the simulated seeder', () => {
  it('brings the bytes of the range after a round trip, its pause and its uplink\'s time', () => {
    fetch(20, 100, 20_099);
    clock.runUntil(1000);
    expect(Buffer.compare(Buffer.from(bytes), server.channel.bytes(chunkIndex(20)).subarray(100, 20_100))).toBe(0);
    const took = Number(/\d+(\.\d+)?/.exec(heard[0]!)![0]);
    expect(took).toBeGreaterThanOrEqual(2 * ONE_WAY_MS + THINK_MS + 20);
    expect(took).toBeLessThan(2 * ONE_WAY_MS + THINK_MS + 22);
    expect([server.sentBytes, server.requests, server.active]).toEqual([20_000, 1, 0]);
  });

  it('says gone before a chunk exists, after it has left the window, and past its end', () => {
    for (const chunk of [21, 10]) fetch(chunk);
    fetch(20, 0, 100_000);
    clock.runUntil(1000);
    expect(heard).toEqual(['gone', 'gone', 'gone']);
    expect(server.sentBytes).toBe(0);
  });

  it('is unreachable while it is down, breaks off what it was sending, and answers when it is back', () => {
    fetch(20);
    clock.runUntil(80);
    server.kill();
    clock.runUntil(1000);
    expect(heard).toEqual(['unreachable']);
    expect(bytes.length).toBeLessThan(100_000);
    fetch(20);
    clock.runUntil(2000);
    expect(heard).toEqual(['unreachable', 'unreachable']);
    server.restart();
    bytes = [];
    fetch(20);
    clock.runUntil(3000);
    expect([heard.length, bytes.length, server.active]).toEqual([3, 100_000, 0]);
  });

  it('stops what is cancelled, counts what has left, and calls nobody back', () => {
    const cancel = fetch(20);
    clock.runUntil(90);
    cancel();
    const before = bytes.length;
    clock.runUntil(1000);
    expect([bytes.length, heard, server.active]).toEqual([before, [], 0]);
    expect(server.sentBytes).toBeGreaterThan(0);
    expect(server.sentBytes).toBeLessThan(100_000);
  });

  it('answers for its log from a chunk on, or with the newest', () => {
    const answers: number[][] = [];
    const done = (entries: readonly { readonly signed: { readonly record: { readonly index: number } } }[]): void => void answers.push(entries.map((entry) => entry.signed.record.index));
    origin.fetchRecords(MAIN_STREAM, chunkIndex(18), 16, done, () => undefined);
    origin.fetchRecords(MAIN_STREAM, 'newest', 2, done, () => undefined);
    origin.fetchRecords(MAIN_STREAM, THREE, 1, done, () => undefined);
    clock.runUntil(100);
    expect(answers).toEqual([[18, 19, 20], [19, 20], [11]]);
  });
});
