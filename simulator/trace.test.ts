import { SeededRandom } from '#protocol/seeded-random';
import { describe, expect, it } from 'vitest';
import { arrivalTimes } from './arrivals.ts';
import { sum } from './statistics.ts';
import { FILMS, stretchesOf } from './trace.ts';

const VIEWERS = 40_000;
/** Share by which a mean may miss what is published. */
const TOLERANCE = 0.02;
const expectNear = (value: number, published: number): void => {
  expect(Math.abs(value / published - 1)).toBeLessThan(TOLERANCE);
};

describe.each(Object.entries(FILMS))('viewers of the %s film of SIGCOMM 2008', (name, film) => {
  const random = new SeededRandom(name);
  const viewings = Array.from({ length: VIEWERS }, (_, viewer) => stretchesOf(film, random.fork(String(viewer))));
  const stretches = viewings.flat();

  it('jump as often, and watch as long between jumps, as published', () => {
    expectNear(stretches.length / VIEWERS - 1, film.jumps);
    expectNear(sum(stretches.map(({ lengthMs }) => lengthMs)) / stretches.length / 1000, film.stretchSeconds);
  });

  it('come as often as published', () => {
    const times = arrivalTimes({ kind: 'poisson', perSecond: 1 / film.arrivalGapSeconds }, VIEWERS, random.fork('arrivals'));
    expectNear(times.at(-1)! / VIEWERS / 1000, film.arrivalGapSeconds);
  });

  it('begin at the beginning, and never watch past the end', () => {
    for (const viewing of viewings) expect(viewing[0]!.startUs).toBe(0);
    for (const { startUs, lengthMs } of stretches) expect(startUs + lengthMs * 1000).toBeLessThanOrEqual(film.lengthSeconds * 1e6 + 1);
  });
});
