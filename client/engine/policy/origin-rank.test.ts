import { describe, expect, it } from 'vitest';
import { hashText } from '../keys.ts';
import { dutyRunLength, originRank, rankDelayMs } from './origin-rank.ts';

const peers = Array.from({ length: 8 }, (_, index) => hashText(`peer ${index}`));
const rankOf = (self: number, chunk: number, run: number): number =>
  Math.floor(originRank(self, peers.filter((peer) => peer !== self), chunk, run));

describe('originRank', () => {
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
        (a, b) => originRank(a, rest.filter((p) => p !== a), chunk, 0) - originRank(b, rest.filter((p) => p !== b), chunk, 0),
      );
      expect(after).toEqual(before);
    }
  });

  it('is seldom first in a swarm of which it sees little', () => {
    let firsts = 0;
    for (let chunk = 0; chunk < 2_000; chunk++) if (originRank(peers[0]!, [], chunk, 0, 100) === 0) firsts++;
    // One in 99 on average: 20 of 2000, standard deviation 4.5.
    expect(Math.abs(firsts - 20)).toBeLessThan(20);
  });

  it('is first without rivals', () => {
    expect(originRank(peers[0]!, [], 7, 2)).toBe(0);
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
