import { describe, expect, it } from 'vitest';
import { LiveMargin } from './live-margin.ts';

const marginOf = (late: readonly number[] = []): LiveMargin => {
  const margin = new LiveMargin({ chunkMs: 1_000, delayMs: 2_000 });
  for (const ms of late) margin.announced(ms);
  return margin;
};

describe('the margin of a live viewer', () => {
  it.each<[string, readonly number[], number]>([
    ['is the host\'s while nothing is known', [], 2_000],
    ['is the host\'s where announcements come soon', [40, 120, 80], 2_000],
    ['grows with the latest of them', [40, 900, 80], 2_500],
    ['does not take a host that was away for a slow way', [40, 20_000], 2_000],
    ['does not take clocks that disagree for a slow way', [-700], 2_000],
    ['forgets what is long past', [900, ...new Array<number>(16).fill(50)], 2_000],
  ])('%s', (_what, late, targetMs) => {
    expect(marginOf(late).targetMs(0)).toBe(targetMs);
  });

  it('grows by a quarter of a chunk with each stall, to a bound', () => {
    const margin = marginOf();
    const targets = Array.from({ length: 12 }, (_, at) => {
      margin.stalled(at);
      return margin.targetMs(at);
    });
    expect(targets.slice(0, 3)).toEqual([2_250, 2_500, 2_750]);
    expect(targets.at(-1)).toBe(4_000);
  });

  it('forgives a stall after each minute of calm', () => {
    const margin = marginOf();
    for (let stall = 0; stall < 2; stall++) margin.stalled(1_000);
    expect([2_000, 61_500, 100_000, 122_000, 300_000].map((nowMs) => margin.targetMs(nowMs))).toEqual([2_500, 2_250, 2_250, 2_000, 2_000]);
  });
});
