import { describe, expect, it } from 'vitest';
import { hashText } from '../keys.ts';
import { dutyRunLength, dutyTurnMs, originPlace, rankDelayMs, type DutyLine } from './origin-rank.ts';

const peers = Array.from({ length: 8 }, (_, index) => hashText(`peer ${index}`));
const lineOf = (self: number, rivals: readonly number[], chunk: number, run: number, unseen = 0): DutyLine => ({ self, rivals, before: 0, unseen, chunk, run, substream: null });
const rankOf = (self: number, chunk: number, run: number): number =>
  Math.floor(originPlace(lineOf(self, peers.filter((peer) => peer !== self), chunk, run)));

describe('originPlace', () => {
  it('gives every peer a place of its own, the same seen from each', () => {
    for (let chunk = 0; chunk < 50; chunk++) {
      const ranks = peers.map((peer) => rankOf(peer, chunk, 3)).sort((a, b) => a - b);
      expect(ranks).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it('spreads first places evenly over peers', () => {
    const firsts = new Map(peers.map((peer) => [peer, 0]));
    for (let chunk = 0; chunk < 400; chunk++) {
      for (let run = 0; run < 5; run++) {
        const first = peers.find((peer) => rankOf(peer, chunk, run) === 0)!;
        firsts.set(first, firsts.get(first)! + 1);
      }
    }
    // 2000 runs over 8 peers: 250 each, standard deviation below 15.
    for (const count of firsts.values()) expect(Math.abs(count - 250)).toBeLessThan(75);
  });

  it('moves nobody else when one peer leaves', () => {
    const gone = peers[3]!;
    for (let chunk = 0; chunk < 50; chunk++) {
      const before = peers.filter((peer) => peer !== gone).sort((a, b) => rankOf(a, chunk, 0) - rankOf(b, chunk, 0));
      const rest = peers.filter((peer) => peer !== gone);
      const after = [...rest].sort(
        (a, b) => originPlace(lineOf(a, rest.filter((p) => p !== a), chunk, 0)) - originPlace(lineOf(b, rest.filter((p) => p !== b), chunk, 0)),
      );
      expect(after).toEqual(before);
    }
  });

  it('is seldom first in a swarm of which it sees little', () => {
    let firsts = 0;
    for (let chunk = 0; chunk < 2_000; chunk++) if (originPlace(lineOf(peers[0]!, [], chunk, 0, 99)) === 0) firsts++;
    // One in 99 on average: 20 of 2000, standard deviation 4.5.
    expect(Math.abs(firsts - 20)).toBeLessThan(20);
  });

  it('is first without rivals', () => {
    expect(originPlace(lineOf(peers[0]!, [], 7, 2))).toBe(0);
  });
});

describe('dutyTurnMs', () => {
  const time = { waitedMs: 0, spareMs: 2_000, delayMs: 300 };
  const swarm = Array.from({ length: 400 }, (_, index) => hashText(`viewer ${index}`));
  /** Peers of a swarm of 400, each seeing eleven others, that go to the seeder at once for a run. */
  const firsts = (policy: Parameters<typeof dutyTurnMs>[0], chunk: number): number =>
    swarm.filter((self, at) => {
      const rivals = Array.from({ length: 11 }, (_, step) => swarm[(at + 1 + step * 37) % 400]!);
      return dutyTurnMs(policy, { ...lineOf(self, rivals, chunk, 0, 388), ...time }) <= 0;
    }).length;
  const meanFirsts = (policy: Parameters<typeof dutyTurnMs>[0]): number => {
    const counts = Array.from({ length: 60 }, (_, chunk) => firsts(policy, chunk));
    return counts.reduce((sum, count) => sum + count, 0) / counts.length;
  };

  it('lets a percent of a large swarm fetch at once under `share`, one of each neighbourhood under `neighbourhood`, all in a `race`', () => {
    expect(meanFirsts('share')).toBeGreaterThan(2);
    expect(meanFirsts('share')).toBeLessThan(4.5);
    expect(meanFirsts('ranked')).toBeLessThan(2.5);
    expect(meanFirsts('neighbourhood')).toBeGreaterThan(25);
    expect(meanFirsts('race')).toBe(400);
  });

  it('keeps the others back under `share` until time runs short, then one of a neighbourhood goes first', () => {
    const waiting = { ...lineOf(swarm[0]!, [], 3, 0, 1e9), ...time };
    expect(dutyTurnMs('share', waiting)).toBe(1_550);
    expect(dutyTurnMs('share', { ...waiting, spareMs: 450 })).toBeLessThanOrEqual(0);
    expect(dutyTurnMs('share', { ...waiting, before: 2, spareMs: 450 })).toBeGreaterThan(0);
  });

  it('is the line of the neighbours under `share` where everybody sees everybody', () => {
    const line = { ...lineOf(peers[0]!, peers.slice(1), 5, 1), ...time };
    expect(dutyTurnMs('share', line)).toBe(dutyTurnMs('ranked', line));
  });
});

describe('rankDelayMs', () => {
  it.each([
    [60_000, 1_200],
    [6_000, 1_000],
    [300, 150],
    [-500, 150],
  ])('with %i ms to spare is %i ms', (spareMs, delayMs) => {
    expect(rankDelayMs(spareMs, { rankDelayMs: 1_200 })).toBe(delayMs);
  });
});

describe('dutyRunLength', () => {
  it.each([
    [1, 4],
    [17, 4],
    [64, 4],
    [65, 5],
    [2048, 128],
  ])('cuts a chunk of %i pieces into runs of %i', (pieces, length) => {
    expect(dutyRunLength(pieces, { dutyRunPieces: 4, dutyRunsMax: 16 })).toBe(length);
  });
});
