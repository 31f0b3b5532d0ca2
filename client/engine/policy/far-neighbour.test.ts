import { describe, expect, it } from 'vitest';
import { farNeighbour, type KnownNeighbour } from './far-neighbour.ts';

const at = (...rtts: (number | null)[]): KnownNeighbour[] => rtts.map((rttMs, index) => ({ peer: `p${index}`, rttMs, bytesPerSecond: null }));
const giving = (...rates: (number | null)[]): KnownNeighbour[] => rates.map((bytesPerSecond, index) => ({ peer: `p${index}`, rttMs: 50, bytesPerSecond }));

describe('farNeighbour', () => {
  it.each([
    ['nobody, where the policy does not look', at(10, 300), 'position', null],
    ['nobody of none', [], 'proximity', null],
    ['the farthest', at(30, 40, 300, 200), 'proximity', 'p2'],
    ['nobody where all are about as far', at(100, 110, 120), 'proximity', null],
    ['nobody who is near', at(5, 10, 39), 'proximity', null],
    ['nobody whose distance is not known', at(30, 40, null), 'proximity', null],
    ['the slowest', giving(5e5, 4e5, 2e4), 'capacity', 'p2'],
    ['nobody where all give about as much', giving(5e5, 4.5e5), 'capacity', null],
  ] as const)('is %s', (_name, neighbours, policy, expected) => {
    expect(farNeighbour(neighbours, policy)?.peer ?? null).toBe(expected);
  });
});
