import { seederShareBound } from '#protocol/metrics';
import { SeededRandom } from '#protocol/seeded-random';
import { describe, expect, it } from 'vitest';
import { arrivalTimes } from './arrivals.ts';
import { dealOut } from './quota.ts';
import { percentile } from './statistics.ts';

describe('measures', () => {
  it('bound the seeder from below by one copy, and by what peers cannot carry', () => {
    expect(seederShareBound(1000, 200, 100)).toBeCloseTo(0.001, 9);
    expect(seederShareBound(1000, 50, 100)).toBeCloseTo(0.5, 9);
    expect(seederShareBound(1, 200, 100)).toBe(1);
  });

  it('take percentiles by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0.5, 0.95, 1].map((share) => percentile(values, share))).toEqual([50, 95, 100]);
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([7], 0.95)).toBe(7);
  });
});

describe('who comes when', () => {
  it('meets shares as exactly as whole peers allow', () => {
    const shares = [
      { value: 'a', share: 0.5 },
      { value: 'b', share: 0.3 },
      { value: 'c', share: 0.2 },
    ];
    const dealt = dealOut(shares, 8, new SeededRandom(1));
    const count = (value: string): number => dealt.filter((one) => one === value).length;
    expect([count('a'), count('b'), count('c')]).toEqual([4, 2, 2]);
    expect(dealOut(shares, 1001, new SeededRandom(1)).length).toBe(1001);
  });

  it('comes at the mean rate asked for, in order', () => {
    const times = arrivalTimes({ kind: 'poisson', perSecond: 5 }, 20_000, new SeededRandom(1));
    expect(times.at(-1)! / 20_000 / 200).toBeCloseTo(1, 1);
    expect(times.every((at, order) => order === 0 || at >= times[order - 1]!)).toBe(true);
    const flash = arrivalTimes({ kind: 'flash', overMs: 1000 }, 500, new SeededRandom(1));
    expect(flash.every((at) => at >= 0 && at < 1000)).toBe(true);
    expect(arrivalTimes({ kind: 'staggered', everyMs: 2000 }, 3, new SeededRandom(1))).toEqual([0, 2000, 4000]);
  });
});
