import { describe, expect, it } from 'vitest';
import { farNeighbour, type KnownNeighbour } from './far-neighbour.ts';

const BUSY = 'busy';
/** Neighbours so far away; those that are busy say so behind it. */
const at = (...distances: (number | null | readonly [number, typeof BUSY])[]): KnownNeighbour[] =>
  distances.map((distance, index) => ({
    peer: `p${index}`,
    distanceMs: Array.isArray(distance) ? (distance[0] as number) : (distance as number | null),
    bytesPerSecond: null,
    isBusy: Array.isArray(distance),
  }));
const giving = (...rates: (number | null)[]): KnownNeighbour[] => rates.map((bytesPerSecond, index) => ({ peer: `p${index}`, distanceMs: 50, bytesPerSecond, isBusy: true }));

describe('farNeighbour', () => {
  it.each([
    ['nobody, where the policy does not look', at(10, 300, 300, 300), 'position', null],
    ['nobody of none', [], 'proximity', null],
    ['the farthest', at(30, 40, 300, 200, 250), 'proximity', 'p2'],
    ['nobody while far ones are no more than a few', at(30, 40, 300, 200), 'proximity', null],
    ['nobody that media comes from or goes to', at(30, 40, [300, BUSY], 200, 250), 'proximity', 'p4'],
    ['nobody where all are about as far', at(100, 110, 120, 130), 'proximity', null],
    ['nobody who is near', at(5, 10, 37, 38, 39), 'proximity', null],
    ['nobody whose distance is not known', at(30, 40, null, null, null), 'proximity', null],
    ['the slowest', giving(5e5, 4e5, 2e4), 'capacity', 'p2'],
    ['nobody where all give about as much', giving(5e5, 4.5e5), 'capacity', null],
  ] as const)('is %s', (_name, neighbours, policy, expected) => {
    expect(farNeighbour(neighbours, policy)?.peer ?? null).toBe(expected);
  });
});
