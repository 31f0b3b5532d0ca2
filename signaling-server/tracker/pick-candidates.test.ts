import { describe, expect, it } from 'vitest';
import type { PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { isNearby, pickCandidates } from './pick-candidates.ts';
import type { Member } from './swarm.ts';
import { DEFAULT_TRACKER_SETTINGS } from './tracker-settings.ts';

const member = (name: string, position: Partial<Member['position']> = {}): Member => ({
  peer: name as PeerId,
  position: { mediaMs: 60_000, uploads: true, links: 0, maxLinks: 10, ...position },
});

const ASKER = member('asker', { utcOffsetMinutes: 60 });

function pick(members: readonly Member[], options: { max?: number; mixedShare?: number; known?: string[]; asker?: Member; seed?: number } = {}): string[] {
  const settings = { maxCandidates: options.max ?? 50, mixedShare: options.mixedShare ?? 0, nearMs: 30_000 };
  const known = new Set((options.known ?? []) as PeerId[]);
  return pickCandidates({ asker: options.asker ?? ASKER, members, known }, settings, new SeededRandom(options.seed ?? 1)).map(({ member: { peer } }) => peer);
}

describe('who counts as nearby', () => {
  it.each([
    [60, 60, true],
    [60, 150, true],
    [60, 151, false],
    [-480, 60, false],
    [60, undefined, false],
    [undefined, undefined, false],
  ])('of clocks at %s and %s minutes from UTC: %s', (here, there, expected) => {
    const at = (utcOffsetMinutes: number | undefined): Pick<Member, 'position'> => member('x', utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes });
    expect(isNearby(at(here), at(there))).toBe(expected);
    expect(isNearby(at(there), at(here))).toBe(expected);
  });
});

describe('who is introduced', () => {
  it.each([
    ['uploaders with room come before full ones, and these before those who do not upload', [member('silent', { uploads: false }), member('full', { links: 10 }), member('free')], ['free', 'full', 'silent']],
    ['near ones before far ones', [member('far', { mediaMs: 600_000 }), member('near', { mediaMs: 61_000 }), member('nearer', { mediaMs: 60_100 })], ['nearer', 'near', 'far']],
    ['room counts more than nearness', [member('near full', { links: 10 }), member('far free', { mediaMs: 600_000 })], ['far free', 'near full']],
    ['without a playhead one is half near', [member('headless', { mediaMs: -1 }), member('at 5 s off', { mediaMs: 65_000 }), member('at 5 min off', { mediaMs: 360_000 })], ['at 5 s off', 'headless', 'at 5 min off']],
    ['nearby ones before those on the other side of the world', [member('there', { utcOffsetMinutes: 600 }), member('untold'), member('here', { utcOffsetMinutes: 120 })], ['here', 'there', 'untold']],
    ['a moment that is much nearer before a nearby one', [member('here', { mediaMs: 600_000, utcOffsetMinutes: 60 }), member('there', { utcOffsetMinutes: 600 })], ['there', 'here']],
    ['nobody is introduced to oneself', [ASKER, member('b')], ['b']],
    ['an empty swarm has nobody', [], []],
  ])('%s', (_, members, expected) => {
    expect(pick(members)).toEqual(expected);
  });

  it('is nobody the asker knows already', () => {
    expect(pick([member('a'), member('b'), member('c')], { known: ['a', 'c'] })).toEqual(['b']);
  });

  it('is at most as many as asked for, and no one twice', () => {
    const members = Array.from({ length: 300 }, (_, n) => member(`p${n}`, { mediaMs: n * 1000 }));
    for (const mixedShare of [0, 0.2, 1]) {
      const picked = pick(members, { mixedShare });
      expect(picked).toHaveLength(50);
      expect(new Set(picked).size).toBe(50);
    }
  });

  it('is in part drawn from everywhere, so that groups of one age stay joined', () => {
    const near = Array.from({ length: 100 }, (_, n) => member(`near${n}`));
    const far = Array.from({ length: 100 }, (_, n) => member(`far${n}`, { mediaMs: 3_600_000 }));
    const settings = { ...DEFAULT_TRACKER_SETTINGS, maxCandidates: 20, mixedShare: 0.5 };
    const picked = pickCandidates({ asker: ASKER, members: [...near, ...far], known: new Set() }, settings, new SeededRandom(5));
    expect(picked.filter(({ reason }) => reason === 'mixed')).toHaveLength(10);
    expect(picked.some(({ member: { peer } }) => peer.startsWith('far'))).toBe(true);
    expect(pick([...near, ...far], { max: 20 }).some((peer) => peer.startsWith('far'))).toBe(false);
  });

  it('depends on members and seed alone, not on the order they are kept in', () => {
    const members = Array.from({ length: 80 }, (_, n) => member(`p${n}`));
    expect(pick(members.toReversed(), { seed: 7, max: 10 })).toEqual(pick(members, { seed: 7, max: 10 }));
    expect(pick(members, { seed: 8, max: 10 })).not.toEqual(pick(members, { seed: 7, max: 10 }));
  });
});
