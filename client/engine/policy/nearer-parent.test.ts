import { describe, expect, it } from 'vitest';
import { nearerParent, type ParentOffer } from './nearer-parent.ts';

const offer = (peer: string, distanceMs: number, isHome = true): ParentOffer => ({ peer, distanceMs, isHome });

describe('nearerParent', () => {
  it.each([
    ['nobody of none', [], 200, null],
    ['nobody who is only a little nearer', [offer('a', 140)], 200, null],
    ['nobody where the parent is near', [offer('a', 5)], 24, null],
    ['whoever is clearly nearer', [offer('a', 134)], 200, 'a'],
    ['the nearest of them', [offer('a', 60), offer('b', 40), offer('c', 50)], 200, 'b'],
    ['whoever passes it on to many before a nearer one', [offer('a', 30, false), offer('b', 60)], 200, 'b'],
    ['one with few places where there is no other', [offer('a', 30, false), offer('b', 190)], 200, 'a'],
    ['the smaller id of equals', [offer('b', 40), offer('a', 40)], 200, 'a'],
  ] as const)('is %s', (_name, offers, parentMs, expected) => {
    expect(nearerParent(offers, parentMs)?.peer ?? null).toBe(expected);
  });
});
