import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferMap } from './buffer-map.ts';
import { chunkIndex } from './ids.ts';
import { METRICS, metricHeader, type MetricName } from './metric-catalogue.ts';
import {
  availabilityToDemand, continuity, controlRatio, costOfDownload, efficiency, fairness, fluency, isParentFlow, isSmoother, offloadRatio,
  offsetLag, originCopies, playableVideo, quantile, replicationHealth, satisfaction, seederShareBound, stability, uploadRatio, watchingIndex,
} from './metrics.ts';

function mapOf(...chunks: number[]): BufferMap {
  const map = new BufferMap();
  for (const chunk of chunks) map.add(chunkIndex(chunk));
  return map;
}

describe('shares', () => {
  it('offload is the share from peers, undefined before the first byte', () => {
    expect([offloadRatio(3, 1), offloadRatio(0, 5), offloadRatio(0, 0)]).toEqual([0.75, 0, null]);
  });

  it('origin copies are 1 for one copy', () => {
    expect([originCopies(110, 100), originCopies(1, 0)]).toEqual([1.1, null]);
  });

  it.each([
    ['rich uploads, ten viewers: one copy in ten', 10, 1.2, 1, 0.1],
    ['uploads of half the rate: half must come from the seeder', 1000, 0.5, 1, 0.5],
    ['one viewer alone: everything', 1, 2, 1, 1],
    ['no uploads: everything', 50, 0, 1, 1],
  ])('the least seeder share, %s', (_case, viewers, upload, rate, bound) => {
    expect(seederShareBound(viewers, upload, rate)).toBeCloseTo(bound, 12);
  });

  it('efficiency is 1 at the bound, 0 when the seeder sends all, undefined when it must', () => {
    expect([efficiency(0.1, 0.1), efficiency(1, 0.1), efficiency(1, 1)]).toEqual([1, 0, null]);
    expect(efficiency(0.3, 0.5)).toBeCloseTo(1.4, 12); // A share below its bound shows: somebody counted wrong.
  });

  it('continuity, upload and control ratios are plain shares', () => {
    expect([continuity(999, 1000), uploadRatio(3, 2), controlRatio(2, 100), availabilityToDemand(6, 3)]).toEqual([0.999, 1.5, 0.02, 2]);
    expect([continuity(0, 0), uploadRatio(1, 0), controlRatio(1, 0), availabilityToDemand(1, 0)]).toEqual([null, null, null, null]);
  });
});

describe('parents', () => {
  it('send more than 4 KB/s over a window of 20 s', () => {
    expect([isParentFlow(80_000), isParentFlow(80_001), isParentFlow(40_001, 10_000)]).toEqual([false, true, true]);
  });

  it.each([
    ['nothing changes', [1, 2], [1, 2], 0, 0],
    ['all change', [1, 2], [3, 4], 1, 1 - 2 / 6],
    ['pure loss is seen by X, not by S', [1, 2], [1], 0, 0.5],
    ['pure gain', [1], [1, 2], 0.5, 1 - 2 / 3],
    ['first parents', [], [1], 1, 0.5],
    ['no parent left: undefined', [1], [], null, null],
    ['never a parent: undefined', [], [], null, null],
  ])('stability: %s', (_case, before, now, s, x) => {
    const result = stability(new Set(before), new Set(now));
    expect([result.s, result.x]).toEqual([s, x]);
  });
});

describe('distributions', () => {
  it('cost of download is the mean distance of a byte', () => {
    expect(costOfDownload([{ distance: 10, bytes: 300 }, { distance: 50, bytes: 100 }])).toBe(20);
    expect(costOfDownload([])).toBeNull();
  });

  it('fairness is 1 for equals and 1/n for one alone', () => {
    expect([fairness([5, 5, 5]), fairness([9, 0, 0, 0]), fairness([]), fairness([0, 0])]).toEqual([1, 0.25, null, null]);
  });

  it('a quantile is one of the values, by nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.5, 0.95, 1].map((q) => quantile(values, q))).toEqual([1, 1, 3, 5, 5]);
    expect([quantile([], 0.5), values]).toEqual([null, [5, 1, 4, 2, 3]]);
  });
});

describe('buffer maps', () => {
  it('watching index, playable video, lag and smoothness of a map with a hole', () => {
    const map = mapOf(10, 11, 12, 20);
    expect([watchingIndex(map), playableVideo(map), offsetLag(map, chunkIndex(25)), isSmoother(map)]).toEqual([20, 3, 15, false]);
    expect(isSmoother(mapOf(4, 5, 6))).toBe(true);
  });

  it('of an empty map there is nothing to say', () => {
    const map = mapOf();
    expect([watchingIndex(map), playableVideo(map), offsetLag(map, chunkIndex(1)), isSmoother(map)]).toEqual([null, 0, null, false]);
  });
});

describe('viewing', () => {
  const stretches = [
    { startMs: 0, endMs: 100_000, bufferingMs: 10_000, quality: 0.9 },
    { startMs: 100_000, endMs: 160_000, bufferingMs: 10_000, quality: 0.5 },
    { startMs: 160_000, endMs: 400_000, bufferingMs: 10_000, quality: 0.9 },
  ];

  it('the worked example of SIGCOMM 2008 has fluency 0.925 and satisfaction 0.7825', () => {
    expect(fluency(stretches)).toBeCloseTo(0.925, 12);
    expect(satisfaction(stretches)).toBeCloseTo(0.7825, 12);
    expect([fluency([]), satisfaction([])]).toEqual([null, null]);
  });

  it('satisfaction of full quality is fluency', () => {
    expect(satisfaction(stretches.map((stretch) => ({ ...stretch, quality: 1 })))).toBe(fluency(stretches));
  });
});

describe('replication health', () => {
  it('counts holders, fractions and copies', () => {
    const health = replicationHealth([mapOf(0, 1, 2, 3), mapOf(1, 2), mapOf(9), mapOf()], chunkIndex(0), 4);
    expect(health).toEqual({ h0: 2, h1: 1.5, h2: [1, 2, 2, 1], minimum: 1, variance: 0.25 });
    expect(replicationHealth([mapOf(1)], chunkIndex(0), 0)).toBeNull();
  });

  it('mean(H2) = H1 <= H0', () => {
    const maps = fc.array(fc.array(fc.nat(30), { maxLength: 30 }), { maxLength: 12 });
    fc.assert(
      fc.property(maps, fc.nat(20), fc.integer({ min: 1, max: 20 }), (lists, first, length) => {
        const health = replicationHealth(lists.map((list) => mapOf(...list)), chunkIndex(first), length)!;
        const fractions = lists.map((list) => new Set(list.filter((chunk) => chunk >= first && chunk < first + length)).size / length);
        expect(health.h1).toBeCloseTo(fractions.reduce((sum, share) => sum + share, 0), 9);
        expect(health.h1).toBeLessThanOrEqual(health.h0);
      }),
    );
  });
});

describe('the catalogue of exported metrics', () => {
  it.each(Object.keys(METRICS) as MetricName[])('%s is named by the rules of Prometheus and describes itself on one line', (name) => {
    const { type, unit, help, labels } = METRICS[name];
    expect(name).toMatch(/^tributary_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (unit === 'bytes' || unit === 'seconds' || unit === 'ratio') expect(name).toContain(`_${unit}`);
    expect(help).toMatch(/^[^\n\\]+$/);
    expect(new Set(labels).size).toBe(labels.length);
    expect(metricHeader(name)).toBe(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  });
});
