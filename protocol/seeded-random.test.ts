import { describe, expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

const take = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, () => random.nextUint32());

/** Pearson's correlation of two rows of numbers. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (row: readonly number[]): number => row.reduce((sum, x) => sum + x, 0) / row.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    ab += (x - meanA) * (b[i]! - meanB);
    aa += (x - meanA) ** 2;
    bb += (b[i]! - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('SeededRandom', () => {
  it('is xoshiro128** 1.1: the reference C code gives the same from state 1, 2, 3, 4', () => {
    expect(take(SeededRandom.ofState([1, 2, 3, 4]), 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
    expect(() => SeededRandom.ofState([0, 0, 0, 0])).toThrow(RangeError);
  });

  it('replays from its seed, today as when these numbers were written down', () => {
    expect(take(new SeededRandom(7), 4)).toEqual(take(new SeededRandom('7'), 4));
    expect(take(new SeededRandom(7), 4)).toEqual([719915479, 372529938, 617721997, 1036896120]);
    expect(take(new SeededRandom(7).fork('peer 1'), 4)).toEqual([4026515067, 3105500183, 3104762439, 461350444]);
  });

  it('stays in [0, 1), evenly over its tenths', () => {
    const random = new SeededRandom('even');
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? NaN) + 1;
    }
    // 10,000 each with a standard deviation of 95; the seed is fixed, so this never flickers.
    expect(tenths).toHaveLength(10);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('forks by label alone: draws and other forks change nothing', () => {
    const fresh = new SeededRandom(1);
    const used = new SeededRandom(1);
    take(used, 1000);
    used.fork('other');
    expect(take(used.fork('churn'), 8)).toEqual(take(fresh.fork('churn'), 8));
    const before = take(new SeededRandom(1), 8);
    fresh.fork('anything');
    expect(take(fresh, 8)).toEqual(before);
  });

  it('gives forks that differ by label, by path and by seed', () => {
    const root = new SeededRandom(1);
    const forks = [
      root, root.fork(''), root.fork('a'), root.fork('b'), root.fork('ab'), root.fork('ba'), root.fork('a').fork('b'),
      root.fork('b').fork('a'), root.fork('a').fork(''), new SeededRandom(2).fork('a'), new SeededRandom('1a'),
      new SeededRandom(2).fork('a').fork('b'), root.fork('\u0000'), root.fork('\u0000\u0000'),
    ];
    expect(new Set(forks.map((fork) => String(take(fork, 2)))).size).toBe(forks.length);
  });

  it('gives independent numbers to thousands of numbered forks', () => {
    const root = new SeededRandom('swarm');
    const firsts = Array.from({ length: 20_000 }, (_, peer) => root.fork(`peer ${peer}`).next());
    expect(new Set(firsts).size).toBeGreaterThan(19_900);
    expect(Math.abs(firsts.reduce((sum, x) => sum + x, 0) / firsts.length - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1)))).toBeLessThan(0.03);
    const [a, b] = [root.fork('peer 1'), root.fork('peer 2')].map((fork) => Array.from({ length: 20_000 }, () => fork.next()));
    expect(Math.abs(correlation(a!, b!))).toBeLessThan(0.03);
  });
});
