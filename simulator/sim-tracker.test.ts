import type { Joined } from '#engine/ports';
import type { ChannelId, PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { DEFAULT_TRACKER_SETTINGS } from '#server/tracker/tracker-settings';
import { beforeEach, describe, expect, it } from 'vitest';
import { Network } from './network.ts';
import { PeerClock } from './peer-clock.ts';
import { SimTracker, SimTrackerServer } from './sim-tracker.ts';
import { Topology, uniformTopology } from './topology.ts';
import { VirtualClock } from './virtual-clock.ts';

const ONE_WAY_MS = 25;
const CHANNEL = 'c'.repeat(32) as ChannelId;
const place = { region: 0, provider: 0, accessMs: 0 };

let clock: VirtualClock;
let network: Network;
let server: SimTrackerServer;

interface Member {
  readonly tracker: SimTracker;
  readonly heard: string[];
  joined: Joined[];
}

beforeEach(() => {
  clock = new VirtualClock();
  const random = new SeededRandom('tracker');
  network = new Network(clock, { topology: new Topology(uniformTopology(ONE_WAY_MS), random), packetLoss: 0, random });
  const host = network.addHost({ upBytesPerSecond: 1e9, downBytesPerSecond: 1e9, place, nat: 'open' });
  server = new SimTrackerServer({ network, host, channel: CHANNEL, random, settings: DEFAULT_TRACKER_SETTINGS, wallClockMs: () => 1.8e12 + clock.nowMs() });
});

function join(letter: string): Member {
  const host = network.addHost({ upBytesPerSecond: 1e9, downBytesPerSecond: 1e9, place, nat: 'open' });
  const member: Member = { tracker: new SimTracker(server, host, new PeerClock(clock)), heard: [], joined: [] };
  const position = { mediaMs: 0, uploads: true, links: 0, maxLinks: 12 };
  member.tracker.join(CHANNEL, letter.repeat(32) as PeerId, () => position, {
    onJoined: (joined) => {
      member.joined.push(joined);
      member.heard.push('joined');
    },
    onSignal: (from, signal) => member.heard.push(`${signal} from ${from[0]!}`),
    onHead: () => member.heard.push('head'),
    onLost: () => member.heard.push('lost'),
    onRefused: (reason) => member.heard.push(reason),
  });
  return member;
}

describe('the simulated tracker', () => {
  it('lets a peer in after five round trips, and introduces who is there', () => {
    const a = join('a');
    clock.runUntil(10 * ONE_WAY_MS - 1);
    expect(a.heard).toEqual([]);
    clock.runUntil(10 * ONE_WAY_MS);
    expect(a.heard).toEqual(['joined']);
    const b = join('b');
    clock.runUntil(1000);
    expect([b.joined[0]!.swarmSize, b.joined[0]!.candidates.map(({ peer }) => peer[0])]).toEqual([2, ['a']]);
  });

  it('carries signals between members only', () => {
    const [a, b] = [join('a'), join('b')];
    clock.runUntil(1000);
    a.tracker.signal('b'.repeat(32) as PeerId, 'offer');
    a.tracker.signal('x'.repeat(32) as PeerId, 'offer');
    clock.runUntil(1000 + 2 * ONE_WAY_MS);
    expect([a.heard, b.heard]).toEqual([['joined'], ['joined', 'offer from a']]);
  });

  it('forgets who leaves, and hears no more of it', () => {
    const [a, b] = [join('a'), join('b')];
    clock.runUntil(1000);
    a.tracker.leave();
    expect(server.swarmSize).toBe(1);
    b.tracker.signal('a'.repeat(32) as PeerId, 'offer');
    clock.runUntil(2000);
    expect(a.heard).toEqual(['joined']);
  });

  it('loses everybody when it dies; they come back by themselves when it does', () => {
    const a = join('a');
    clock.runUntil(1000);
    server.kill();
    clock.runUntil(5000);
    expect([a.heard, a.tracker.isConnected, server.swarmSize]).toEqual([['joined', 'lost'], false, 0]);
    server.restart();
    clock.runUntil(20_000);
    expect([a.heard, a.tracker.isConnected, server.swarmSize]).toEqual([['joined', 'lost', 'joined'], true, 1]);
  });

  it('finds out by its own ping that a machine is gone', () => {
    const a = join('a');
    clock.runUntil(1000);
    a.tracker.kill(clock);
    clock.runUntil(20_000);
    expect(server.swarmSize).toBe(1);
    clock.runUntil(60_000);
    expect(server.swarmSize).toBe(0);
  });
});
