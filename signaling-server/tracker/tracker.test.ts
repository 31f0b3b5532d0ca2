import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseChannelId, parsePeerId, type PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { joinReplySchema, type Join, type Report } from '#protocol/tracker-events';
import { Tracker } from './tracker.ts';
import { DEFAULT_TRACKER_SETTINGS } from './tracker-settings.ts';

const CHANNEL = parseChannelId('a'.repeat(32));
const NOW = 1_800_000_000_000;
const peer = (n: number): PeerId => parsePeerId(`${'abcdefghijklmnopqrstuvwxyz'[n % 26]}${'b'.repeat(30)}${'234567'[Math.floor(n / 26)]}`);
const join = (n: number, more: Partial<Join> = {}): Join => ({ channel: CHANNEL, peer: peer(n), position: { mediaMs: 0, uploads: true, links: 0, maxLinks: 8 }, ...more });
const report = (bytesFromPeers: number, bytesFromSeeder: number): Report => ({ channel: CHANNEL, bytesFromPeers, bytesFromSeeder, bytesToPeers: 0, controlBytes: 0, stalls: 0, stalledMs: 0, startupMs: 0, watchedMs: 0, links: 0 });

function trackerWith(settings: Partial<typeof DEFAULT_TRACKER_SETTINGS> = {}): Tracker {
  const sign = (message: Uint8Array): Uint8Array => createHash('sha512').update(message).digest();
  const key = { sign, verify: (message: Uint8Array, signature: Uint8Array) => Buffer.from(sign(message)).equals(signature) };
  const tracker = new Tracker({ key, random: new SeededRandom(1), settings: { ...DEFAULT_TRACKER_SETTINGS, ...settings } });
  tracker.open(CHANNEL);
  return tracker;
}

function ticketOf(tracker: Tracker, n: number): string {
  const outcome = tracker.join(join(n), NOW);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.ticket;
}

describe('joining', () => {
  it('introduces those who are in, as the wire wants it, and counts the new one', () => {
    const tracker = trackerWith();
    for (let n = 0; n < 60; n++) tracker.join(join(n), NOW);
    const outcome = tracker.join(join(60), NOW);
    expect(joinReplySchema.safeParse({ ...outcome, iceServers: [], heads: [], trackerMs: NOW }).error).toBeUndefined();
    if (!outcome.ok) throw new Error(outcome.reason);
    expect([outcome.swarmSize, outcome.candidates.length]).toEqual([61, 50]);
    expect(outcome.candidates.some((candidate) => candidate.peer === peer(60))).toBe(false);
  });

  it('needs a channel, an id nobody has, and room', () => {
    const tracker = trackerWith({ maxMembers: 1 });
    expect(tracker.join(join(0, { channel: parseChannelId('z'.repeat(32)) }), NOW)).toEqual({ ok: false, reason: 'unknownChannel' });
    expect(tracker.join(join(0), NOW).ok).toBe(true);
    expect(tracker.join(join(0), NOW)).toEqual({ ok: false, reason: 'idTaken' });
    expect(tracker.join(join(1), NOW)).toEqual({ ok: false, reason: 'full' });
    tracker.leave(CHANNEL, peer(0));
    expect(tracker.join(join(1), NOW).ok).toBe(true);
  });

  it('under an id one has is possible with one\'s own ticket, while it lasts', () => {
    const tracker = trackerWith();
    const [own, other] = [ticketOf(tracker, 0), ticketOf(tracker, 1)];
    expect(tracker.admission(join(0, { ticket: own }), NOW)).toBe('reclaim');
    expect(tracker.admission(join(0, { ticket: other }), NOW)).toBe('idTaken');
    expect(tracker.admission(join(0, { ticket: own }), NOW + DEFAULT_TRACKER_SETTINGS.ticketLifeMs)).toBe('idTaken');
    expect(tracker.join(join(0, { ticket: own }), NOW).ok).toBe(true);
    expect(tracker.swarmSize(CHANNEL)).toBe(2);
  });

  it('with the ticket that introduced somebody is not: it was shown to others', () => {
    const tracker = trackerWith();
    ticketOf(tracker, 0);
    const outcome = tracker.join(join(1), NOW);
    const [introduced] = outcome.ok ? outcome.candidates : [];
    expect(introduced?.peer).toBe(peer(0));
    expect(tracker.admission(join(0, { ticket: introduced!.ticket }), NOW)).toBe('idTaken');
  });
});

describe('candidates', () => {
  it('are told apart by side of the world for whoever says where it is, and for nobody else', () => {
    const tracker = trackerWith();
    const at = (n: number, utcOffsetMinutes: number): Join => join(n, { position: { ...join(n).position, utcOffsetMinutes } });
    tracker.join(at(0, 60), NOW);
    tracker.join(at(1, 540), NOW);
    const nearnessFor = (asker: Join): [number, boolean | undefined][] => {
      const outcome = tracker.join(asker, NOW);
      return outcome.ok ? outcome.candidates.map(({ peer: id, isNear }) => [[0, 1, 2].findIndex((n) => peer(n) === id), isNear]) : [];
    };
    expect(nearnessFor(at(2, 0))).toEqual([[0, true], [1, false]]);
    expect(nearnessFor(join(3)).map(([, isNear]) => isNear)).toEqual([undefined, undefined, undefined]);
  });
});

describe('more candidates', () => {
  it('are for members, leave out whom one knows, and move the member', () => {
    const tracker = trackerWith();
    for (let n = 0; n < 4; n++) tracker.join(join(n), NOW);
    const ask = { channel: CHANNEL, position: { ...join(0).position, mediaMs: 90_000 }, known: [peer(1), peer(2)] };
    expect(tracker.moreCandidates(peer(0), ask, NOW)).toMatchObject({ swarmSize: 4, candidates: [{ peer: peer(3) }] });
    expect(tracker.moreCandidates(peer(9), ask, NOW)).toEqual({ swarmSize: 0, candidates: [] });
    const seen = tracker.moreCandidates(peer(3), { ...ask, known: [] }, NOW).candidates;
    expect(seen.find((candidate) => candidate.peer === peer(0))?.mediaMs).toBe(90_000);
  });
});

describe('reports', () => {
  it('add up over viewers, and stay when these leave', () => {
    const tracker = trackerWith();
    for (const n of [0, 1]) tracker.join(join(n), NOW);
    expect(tracker.offloadRatio(CHANNEL)).toBeNull();
    tracker.report(peer(0), report(100, 300), NOW + 10_000);
    tracker.report(peer(0), report(600, 400), NOW + 20_000);
    tracker.report(peer(1), report(900, 100), NOW + 20_000);
    tracker.leave(CHANNEL, peer(0));
    expect(tracker.offloadRatio(CHANNEL)).toBe(1500 / 2000);
  });

  it.each([
    ['counters that fall', report(50, 0)],
    ['more than a connection carries', report(100, 1e15)],
  ])('are not believed with %s', (_, lie) => {
    const tracker = trackerWith();
    tracker.join(join(0), NOW);
    expect(tracker.report(peer(0), report(100, 100), NOW + 1000)).toBe(true);
    expect(tracker.report(peer(0), lie, NOW + 2000)).toBe(false);
    expect(tracker.offloadRatio(CHANNEL)).toBe(0.5);
  });

  it('of the host\'s own peer tell what it sent: neither it nor that is the viewers\'', () => {
    const tracker = trackerWith();
    for (const n of [0, 1]) tracker.join(join(n), NOW);
    tracker.setHost(CHANNEL, peer(0));
    expect([tracker.viewers(CHANNEL), tracker.swarmSize(CHANNEL)]).toEqual([1, 2]);
    tracker.report(peer(1), report(900, 100), NOW + 10_000);
    tracker.report(peer(0), { ...report(0, 0), bytesToPeers: 400, watchedMs: 9 }, NOW + 10_000);
    tracker.report(peer(1), report(1_000, 100), NOW + 20_000);
    expect(tracker.totals(CHANNEL)).toMatchObject({ bytesFromPeers: 500, bytesFromHost: 400, bytesFromSeeder: 100, watchedMs: 0 });
    tracker.report(peer(0), { ...report(0, 0), bytesToPeers: 650, watchedMs: 9 }, NOW + 20_000);
    // A counter never falls, although the viewer has not reported what the host has sent it since.
    expect(tracker.totals(CHANNEL)).toMatchObject({ bytesFromPeers: 500, bytesFromHost: 650 });
    tracker.setHost(CHANNEL, null);
    tracker.report(peer(1), report(2_000, 250), NOW + 30_000);
    expect(tracker.offloadRatio(CHANNEL)).toBeCloseTo(1_350 / (1_350 + 250 + 650));
  });

  it('are not taken from who is not in', () => {
    const tracker = trackerWith();
    expect(tracker.report(peer(0), report(1, 1), NOW)).toBe(false);
  });

  it('start over with a join', () => {
    const tracker = trackerWith();
    const ticket = ticketOf(tracker, 0);
    tracker.report(peer(0), report(1000, 0), NOW + 1000);
    tracker.join(join(0, { ticket }), NOW + 2000);
    expect(tracker.report(peer(0), report(10, 0), NOW + 3000)).toBe(true);
    expect(tracker.totals(CHANNEL)?.bytesFromPeers).toBe(1010);
  });
});
