import { SeededRandom } from '#protocol/seeded-random';
import { beforeEach, describe, expect, it } from 'vitest';
import { Network, unaccountedBytes, type Flow, type Host } from './network.ts';
import { canConnect, INTERNET_NATS, Topology, uniformTopology, type NatClass } from './topology.ts';
import { VirtualClock } from './virtual-clock.ts';

const KB = 1000;
const MESSAGE = 16 * 1024;
const WINDOW = 64 * 1024;

let clock: VirtualClock;
let network: Network;

function build(oneWayMs: number, packetLoss = 0): void {
  clock = new VirtualClock();
  const random = new SeededRandom('network');
  network = new Network(clock, { topology: new Topology(uniformTopology(oneWayMs), random), packetLoss, random });
}

function host(upKb: number, downKb: number): Host {
  return network.addHost({
    upBytesPerSecond: upKb * KB,
    downBytesPerSecond: downKb * KB,
    place: { region: 0, provider: 0, accessMs: 0 },
    nat: 'open',
  });
}

/** A flow that always has something to send, and what arrived of it. */
function greedy(from: Host, to: Host): { flow: Flow; received: () => number } {
  let received = 0;
  const flow: Flow = network.openFlow(from, to, WINDOW, {
    onBytes: (bytes) => (received += bytes.length),
    onSent: () => {
      if (flow.queuedBytes < 4 * MESSAGE) flow.send(new Uint8Array(MESSAGE));
    },
  });
  for (let at = 0; at < 4; at++) flow.send(new Uint8Array(MESSAGE));
  return { flow, received: () => received };
}

beforeEach(() => build(10));

describe('capacity', () => {
  it('is shared evenly by two flows through one uplink, and never exceeded', () => {
    const sender = host(500, 10_000);
    const one = greedy(sender, host(1000, 10_000));
    const other = greedy(sender, host(1000, 10_000));
    clock.runUntil(60_000);
    expect(one.received() / other.received()).toBeCloseTo(1, 1);
    expect(one.received() + other.received()).toBeLessThanOrEqual(500 * KB * 60);
    expect(one.received() + other.received()).toBeGreaterThan(500 * KB * 60 * 0.97);
  });

  it('is shared evenly by two flows into one downlink, and never exceeded', () => {
    const receiver = host(1000, 500);
    const one = greedy(host(10_000, 1000), receiver);
    const other = greedy(host(2000, 1000), receiver);
    clock.runUntil(60_000);
    expect(one.received() / other.received()).toBeCloseTo(1, 1);
    expect(one.received() + other.received()).toBeLessThanOrEqual(500 * KB * 60);
    expect(one.received() + other.received()).toBeGreaterThan(500 * KB * 60 * 0.97);
  });

  it('goes to the byte, not to the message: a flow of small messages gets as much as one of large ones', () => {
    const sender = host(500, 10_000);
    const large = greedy(sender, host(1000, 10_000));
    let received = 0;
    const small: Flow = network.openFlow(sender, host(1000, 10_000), WINDOW, {
      onBytes: (bytes) => (received += bytes.length),
      onSent: () => small.send(new Uint8Array(1024)),
    });
    for (let at = 0; at < 64; at++) small.send(new Uint8Array(1024));
    clock.runUntil(60_000);
    expect(received / large.received()).toBeCloseTo(1, 1);
  });

  it('is left to others by a flow that the far end holds back', () => {
    const sender = host(1000, 10_000);
    const slow = greedy(sender, host(1000, 100));
    const fast = greedy(sender, host(1000, 10_000));
    clock.runUntil(60_000);
    expect(slow.received() / (100 * KB * 60)).toBeCloseTo(1, 1);
    expect(fast.received() / (900 * KB * 60)).toBeCloseTo(1, 1);
  });

  it('is at most one window a round trip for one flow on a long path', () => {
    build(100);
    const far = greedy(host(100_000, 100_000), host(100_000, 100_000));
    clock.runUntil(10_000);
    const perRoundTrip = far.received() / (10_000 / 200);
    expect(perRoundTrip).toBeGreaterThan(0.9 * WINDOW);
    expect(perRoundTrip).toBeLessThanOrEqual(WINDOW + MESSAGE);
  });
});

describe('delay', () => {
  it('is serialisation at both ends and the way between on an idle path', () => {
    const [from, to] = [host(1000, 1000), host(1000, 2000)];
    let at = 0;
    network.openFlow(from, to, WINDOW, { onBytes: () => (at = clock.nowMs()) }).send(new Uint8Array(10_000));
    clock.runUntil(1000);
    expect(at).toBeCloseTo(10 + 10 + 5, 6);
  });

  it('grows with what waits before it in the same queue', () => {
    const [from, to] = [host(100, 10_000), host(1000, 10_000)];
    const arrivals: number[] = [];
    const flow = network.openFlow(from, to, 10 * WINDOW, { onBytes: () => arrivals.push(clock.nowMs()) });
    for (let at = 0; at < 4; at++) flow.send(new Uint8Array(10_000));
    clock.runUntil(10_000);
    expect(arrivals.map(Math.round)).toEqual([111, 211, 311, 411]);
  });

  it('never changes the order of one flow, even where packets are lost', () => {
    build(20, 0.05);
    const [from, to] = [host(5000, 5000), host(5000, 5000)];
    const order: number[] = [];
    const flow = network.openFlow(from, to, WINDOW, { onBytes: (bytes) => order.push(bytes[0]! * 256 + bytes[1]!) });
    const lengths = new SeededRandom('lengths');
    for (let at = 0; at < 2000; at++) {
      const bytes = new Uint8Array(2 + Math.floor(lengths.next() * 8000));
      bytes[0] = at >> 8;
      bytes[1] = at & 255;
      flow.send(bytes);
    }
    clock.runUntil(600_000);
    expect(order).toEqual(Array.from({ length: 2000 }, (_, at) => at));
  });
});

describe('conservation', () => {
  it('accounts for every byte at any moment: received, under way, queued, or lost to the dead', () => {
    const random = new SeededRandom('conservation');
    const hosts = Array.from({ length: 6 }, () => host(50 + random.next() * 500, 200 + random.next() * 2000));
    const flows = hosts.flatMap((from) => hosts.filter((to) => to !== from).map((to) => greedy(from, to).flow));
    for (let step = 1; step <= 40; step++) {
      clock.runUntil(step * 250);
      expect(unaccountedBytes(network)).toBe(0);
      if (step % 4 === 0) flows[Math.floor(random.next() * flows.length)]!.close();
      if (step === 20) network.kill(hosts[0]!);
    }
    const sent = hosts.reduce((sum, one) => sum + one.sentBytes, 0);
    expect(hosts.reduce((sum, one) => sum + one.lostBytes, 0)).toBeGreaterThan(0);
    expect(hosts.reduce((sum, one) => sum + one.receivedBytes, 0)).toBeLessThan(sent);
  });
});

describe('topology', () => {
  it('is the same from both sides, and near within a provider', () => {
    const random = new SeededRandom('topology');
    const topology = new Topology(
      { regions: 4, providersPerRegion: 3, sameProviderMs: 2, sameRegionMs: 8, betweenRegionsMs: [20, 90], accessMs: [1, 5] },
      random,
    );
    const places = Array.from({ length: 30 }, () => topology.place(random));
    for (const a of places) {
      for (const b of places) {
        expect(topology.latencyMs(a, b)).toBe(topology.latencyMs(b, a));
        const core = topology.latencyMs(a, b) - a.accessMs - b.accessMs;
        if (a.region !== b.region) expect(core).toBeGreaterThanOrEqual(20);
        else expect(core).toBeCloseTo(a.provider === b.provider ? 2 : 8, 9);
      }
    }
  });

  it('lets four of five pairs of viewers on the internet connect, as measured in the wild', () => {
    const classes = Object.entries(INTERNET_NATS) as [NatClass, number][];
    let share = 0;
    for (const [a, shareA] of classes) for (const [b, shareB] of classes) if (canConnect(a, b)) share += shareA * shareB;
    expect(share).toBeGreaterThan(0.78);
    expect(share).toBeLessThan(0.85);
  });
});
