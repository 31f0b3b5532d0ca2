import { beforeEach, describe, expect, it } from 'vitest';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from './sim-link.ts';
import { unaccountedBytes } from './network.ts';
import { ONE_WAY_MS, SET_UP_MS, SIGNAL_MS, TestPair, type Machine } from './testing/pair.ts';

let pair: TestPair;
let a: Machine;
let b: Machine;

beforeEach(() => {
  pair = new TestPair();
  a = pair.add('a');
  b = pair.add('b');
});

function connect(): void {
  a.dialer.dial(b.id);
  pair.clock.runUntil(pair.clock.nowMs() + 1000);
}

describe('dialling', () => {
  it('takes the set-up work, two signals and three round trips', () => {
    a.dialer.dial(b.id);
    a.dialer.dial(b.id);
    expect(a.dialer.dialing).toBe(1);
    const ready = SET_UP_MS + 2 * SIGNAL_MS + 6 * ONE_WAY_MS;
    pair.clock.runUntil(ready - 1);
    expect(a.links.length + b.links.length).toBe(0);
    pair.clock.runUntil(ready + 1);
    expect([a.links[0]!.remote, b.links[0]!.remote]).toEqual([b.id, a.id]);
    expect([a.dialer.dialing, b.dialer.dialing]).toEqual([0, 0]);
    pair.clock.runUntil(20_000);
    expect([...a.failed, ...b.failed]).toEqual([]);
  });

  it('makes one link of two dials that cross', () => {
    a.dialer.dial(b.id);
    b.dialer.dial(a.id);
    pair.clock.runUntil(20_000);
    expect([a.links.length, b.links.length]).toEqual([1, 1]);
    expect([...a.failed, ...b.failed]).toEqual([]);
  });

  it('fails after a while where NATs, a refusal or a lost signal prevent it, and can be tried again', () => {
    const symmetric = pair.add('c', 'symmetric');
    const restricted = pair.add('d', 'restricted');
    symmetric.dialer.dial(restricted.id);
    b.accepts = false;
    a.dialer.dial(b.id);
    pair.clock.runUntil(15_000);
    expect([symmetric.failed, restricted.failed, a.failed]).toEqual([[restricted.id], [symmetric.id], [b.id]]);
    b.accepts = true;
    pair.carriesSignals = false;
    a.dialer.dial(b.id);
    pair.clock.runUntil(30_000);
    expect(a.failed).toEqual([b.id, b.id]);
    pair.carriesSignals = true;
    connect();
    expect(a.links.length).toBe(1);
  });
});

describe('a link', () => {
  it('keeps the order, and messages that come before anybody listens', () => {
    connect();
    for (let at = 0; at < 50; at++) a.links[0]!.send(Uint8Array.of(99, at));
    pair.clock.runUntil(5000);
    expect(b.received.map((bytes) => bytes[1])).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });

  it('is congested above the high-water mark and tells when it has drained, once each time', () => {
    connect();
    const link = a.links[0]!;
    let drained = 0;
    link.onDrained(() => {
      drained++;
      expect(link.bufferedBytes).toBeLessThan(LOW_WATER_BYTES);
      expect(link.isCongested).toBe(false);
    });
    while (link.bufferedBytes <= HIGH_WATER_BYTES) link.send(new Uint8Array(16_000));
    expect(link.isCongested).toBe(true);
    expect(drained).toBe(0);
    pair.clock.runUntil(10_000);
    expect(drained).toBe(1);
    expect(link.bufferedBytes).toBe(0);
  });

  it('sends what is queued before it closes, and both sides hear of the end once', () => {
    connect();
    for (let at = 0; at < 20; at++) a.links[0]!.send(new Uint8Array(16_000));
    a.links[0]!.close();
    a.links[0]!.close();
    a.links[0]!.send(new Uint8Array(5));
    pair.clock.runUntil(20_000);
    expect(b.received.length).toBe(20);
    expect([a.ends, b.ends]).toEqual([['closedHere'], ['closedByPeer']]);
    expect([a.dialer.links.size, b.dialer.links.size]).toEqual([0, 0]);
    expect(unaccountedBytes(pair.network)).toBe(0);
  });

  it('fails after the silence that ICE needs when the other machine vanishes', () => {
    connect();
    pair.network.kill(b.host);
    b.dialer.kill(pair.clock);
    b.clock.stop();
    const at = pair.clock.nowMs();
    pair.clock.runUntil(at + 5_900);
    expect(a.ends).toEqual([]);
    pair.clock.runUntil(at + 6_100);
    expect([a.ends, b.ends]).toEqual([['failed'], []]);
  });

  it('holds messages back while its machine stands still, and loses none', () => {
    connect();
    b.clock.freeze();
    for (let at = 0; at < 5; at++) a.links[0]!.send(Uint8Array.of(99, at));
    pair.clock.runUntil(5000);
    expect(b.received.length).toBe(0);
    b.clock.thaw();
    expect(b.received.map((bytes) => bytes[1])).toEqual([0, 1, 2, 3, 4]);
  });

  it('passes on what a tampering sender makes of a message', () => {
    const liar = pair.add('e', 'open', (bytes) => (bytes[0] === 1 ? null : Uint8Array.of(...bytes, 7)));
    liar.dialer.dial(a.id);
    pair.clock.runUntil(1000);
    liar.links[0]!.send(Uint8Array.of(1, 1));
    liar.links[0]!.send(Uint8Array.of(2, 2));
    pair.clock.runUntil(2000);
    expect(a.received.map((bytes) => [...bytes])).toEqual([[2, 2, 7]]);
  });
});
