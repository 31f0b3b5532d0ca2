import { describe, expect, it } from 'vitest';
import { distanceClass } from './distance.ts';

describe('distanceClass', () => {
  it.each([
    [0, 0],
    [0.4, 0],
    [39, 0],
    [40, 1],
    [79, 1],
    [80, 2],
    [200, 3],
    [700, 5],
    [null, 2],
  ])('of a round trip of %s ms is %i', (distanceMs, expected) => {
    expect(distanceClass(distanceMs)).toBe(expected);
  });
});
