import { describe, expect, it } from 'vitest';
import { LiveTimeline, prerollMs, windowChunks } from './live-timeline.ts';

/** Uneven chunks; the loop is 30.022 s long, which no clock divides. */
const CHUNKS = [
  { startUs: 0, durationUs: 10_416_667 },
  { startUs: 10_416_667, durationUs: 1_458_333 },
  { startUs: 11_875_000, durationUs: 18_147_000 },
];
const EPOCH = 1_700_000_000_000;
const timeline = new LiveTimeline(CHUNKS, EPOCH);

describe('the timeline of a live loop', () => {
  it('runs on over the seam: every chunk starts where the one before it ends', () => {
    for (let index = 1; index < 100; index++) {
      const [before, now] = [timeline.at(index - 1), timeline.at(index)];
      expect(now.startUs).toBe(before.startUs + before.durationUs);
      expect(now.position).toBe(index % 3);
    }
  });

  it('does not drift after a year', () => {
    const round = 1_050_000;
    expect(timeline.at(round * 3).startUs).toBe(round * 30_022_000);
  });

  it.each([
    ['before the beginning there is nothing', -1, -1],
    ['before its last sample is on air a chunk is not out', 10_416, -1],
    ['with its last sample it is', 10_417, 0],
    ['the next one follows its own length', 11_875, 1],
    ['at the end of the first round', 30_022, 2],
    ['in the second round', 30_022 + 10_417, 3],
    ['much later', 30_022 * 1000 + 11_875, 3001],
  ])('%s', (_, afterMs, newest) => {
    expect(timeline.newestAt(EPOCH + afterMs)).toBe(newest);
  });

  it('names as newest exactly what is published, at every moment', () => {
    for (let ms = 0; ms < 90_000; ms += 137) {
      const newest = timeline.newestAt(EPOCH + ms);
      if (newest >= 0) expect(timeline.publishedMs(newest)).toBeLessThanOrEqual(EPOCH + ms);
      expect(timeline.publishedMs(newest + 1)).toBeGreaterThan(EPOCH + ms);
    }
  });

  it('says when the first sample was on air', () => {
    expect(timeline.at(4).onAirMs).toBe(EPOCH + Math.round((30_022_000 + 10_416_667) / 1000));
  });
});

describe('the window of a live channel', () => {
  const even = (count: number, us: number) => Array.from({ length: count }, (_, n) => ({ startUs: n * us, durationUs: us }));
  it.each([
    ['two-second chunks', even(15, 2_000_000), 30, 20_000],
    ['ten-second chunks: never fewer than players need', even(3, 10_000_000), 8, 40_000],
    ['tiny chunks: never more than a playlist should list', even(100, 100_000), 120, 4_000],
  ])('%s', (_, chunks, window, preroll) => {
    expect(windowChunks(chunks)).toBe(window);
    expect(prerollMs(chunks)).toBeCloseTo(preroll, 3);
  });
});
