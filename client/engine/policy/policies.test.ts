import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#protocol/seeded-random';
import { defaultSettings } from '../settings.ts';
import { chooseUnchoked } from './choose-unchoked.ts';
import { evictChunks } from './evict-chunks.ts';
import { pickPeers, type DialCandidate, type DialSituation } from './pick-peers.ts';
import { firstPiece, pickPieces } from './pick-pieces.ts';

const random = (): SeededRandom => new SeededRandom('policies');

describe('pickPieces', () => {
  const settings = { ...defaultSettings, urgentMs: 1_500 };
  const wanted = [
    { index: 5, slackMs: 9_000, copies: 0 },
    { index: 1, slackMs: 1_000, copies: 3 },
    { index: 3, slackMs: 5_000, copies: 4 },
    { index: 0, slackMs: -1_000, copies: 5 },
    { index: 4, slackMs: 7_000, copies: 2 },
  ];
  const order = (kind: Parameters<typeof pickPieces>[1]): number[] => pickPieces(wanted, kind, settings).map((chunk) => chunk.index);

  it.each([
    ['deadline', [0, 1, 3, 4, 5]],
    ['rarest', [0, 1, 5, 4, 3]],
    ['mixed', [0, 1, 3, 5, 4]],
  ] as const)('%s: urgent ones by deadline first', (kind, expected) => {
    expect(order(kind)).toEqual(expected);
  });

  it('starts an urgent chunk at its beginning and others at a place of each peer', () => {
    expect(firstPiece(12_345, 17, 1_000, settings)).toBe(0);
    expect(firstPiece(12_345, 17, 5_000, settings)).toBe(12_345 % 17);
  });
});

describe('chooseUnchoked', () => {
  const neighbour = (peer: string, isInterested: boolean, downBytesPerSecond: number) => ({ peer, isInterested, downBytesPerSecond });

  it('serves everybody while everybody fits', () => {
    expect(chooseUnchoked([neighbour('a', false, 0), neighbour('b', true, 0)], 2, random())).toEqual(new Set(['a', 'b']));
  });

  it('keeps those who ask and give, and leaves one place to chance', () => {
    const many = [neighbour('a', true, 10), neighbour('b', true, 90), neighbour('c', true, 50), neighbour('d', false, 99), neighbour('e', true, 0)];
    const chosen = chooseUnchoked(many, 3, random());
    expect(chosen.size).toBe(3);
    expect(chosen).toContain('b');
    expect(chosen).toContain('c');
    const lucky = new Set(Array.from({ length: 60 }, (_, n) => [...chooseUnchoked(many, 3, new SeededRandom(`luck ${n}`))][2]));
    expect(lucky).toEqual(new Set(['a', 'd', 'e']));
  });

  it('under tit-for-tat looks at what was given alone', () => {
    const some = [neighbour('a', true, 10), neighbour('b', false, 90), neighbour('c', true, 50)];
    expect([...chooseUnchoked(some, 2, random(), 'tit-for-tat')][0]).toBe('b');
    expect([...chooseUnchoked(some, 2, random(), 'need-aware')][0]).toBe('c');
  });

  it('serves nobody without slots', () => {
    expect(chooseUnchoked([neighbour('a', true, 1)], 0, random()).size).toBe(0);
  });
});

describe('evictChunks', () => {
  const chunk = (index: number, ahead: number, copies: number, isStreamInUse = true) => ({ stream: 0, index, bytes: 100, isStreamInUse, ahead, copies });

  it('drops nothing while it fits', () => {
    expect(evictChunks([chunk(1, -1, 0)], 100)).toEqual([]);
  });

  it.each([
    ['unused streams first', [chunk(1, -9, 9), chunk(2, 5, 0, false)], 2],
    ['then what lies behind and has most copies', [chunk(1, -2, 9), chunk(2, -9, 1), chunk(3, 9, 9)], 1],
    ['then the farthest behind', [chunk(1, -2, 1), chunk(2, -9, 1), chunk(3, 9, 9)], 2],
    ['what lies ahead last', [chunk(4, 9, 9), chunk(3, 1, 9), chunk(2, -1, 0)], 2],
  ])('%s', (_name, chunks, first) => {
    expect(evictChunks(chunks, chunks.length * 100 - 1).map((dropped) => dropped.index)).toEqual([first]);
  });

  it('never drops what is about to be played', () => {
    expect(evictChunks([chunk(1, 0, 9), chunk(2, 1, 9), chunk(3, 2, 9)], 0)).toEqual([]);
  });
});

describe('pickPeers', () => {
  const candidate = (peer: string, mediaMs: number, uploads = true, notBeforeMs = 0): DialCandidate => ({ peer, mediaMs, uploads, notBeforeMs, isNear: null });
  const situation = { places: 12, farNeighbours: 0, ownMediaMs: 100_000, nowMs: 1_000, policy: 'position' } as const;
  const choose = (candidates: DialCandidate[], count: number, more: Partial<DialSituation> = {}) =>
    pickPeers(candidates, { ...situation, count, random: random(), ...more }).map((chosen) => chosen.peer);

  it('prefers those that serve, and the near ones among them', () => {
    expect(choose([candidate('far', 900_000), candidate('idle', 100_000, false), candidate('near', 120_000)], 3)).toEqual(['near', 'far', 'idle']);
  });

  it('leaves alone whom it failed to reach a moment ago', () => {
    expect(choose([candidate('later', 100_000, true, 2_000), candidate('now', 100_000)], 2)).toEqual(['now']);
  });

  it('takes no more than asked for', () => {
    expect(choose([candidate('a', 0), candidate('b', 0)], 1)).toHaveLength(1);
    expect(choose([candidate('a', 0)], -3)).toEqual([]);
  });

  describe('by proximity', () => {
    const at = (isNear: boolean | null, ...peers: string[]): DialCandidate[] => peers.map((peer) => ({ ...candidate(peer, 100_000), isNear }));
    const near = at(true, 'n1', 'n2', 'n3', 'n4');
    const far = at(false, 'f1', 'f2', 'f3');
    /** How many of each kind, in the order chosen. */
    const kinds = (candidates: DialCandidate[], count: number, more: Partial<DialSituation> = {}): string =>
      choose(candidates, count, { policy: 'proximity', ...more }).map((peer) => peer[0]).join('');

    it.each([
      ['near ones while there are places enough', [...far, ...near], 3, {}, 'nnn'],
      ['far ones for the last two places', [...far, ...near], 4, { places: 4 }, 'nnff'],
      ['one where a far neighbour is there', [...far, ...near], 4, { places: 4, farNeighbours: 1 }, 'nnnf'],
      ['none where there are enough of them', [...far, ...near], 4, { places: 4, farNeighbours: 5 }, 'nnnn'],
      ['far ones where no more are near', [...far, ...near], 6, { places: 12 }, 'nnnnff'],
      ['near ones where no more are far', near, 4, { places: 4 }, 'nnnn'],
      ['those of whom nothing is said like far ones', [...at(null, 'u1'), ...near], 3, { places: 3 }, 'nun'],
      ['those at the same place in the film before near ones', [...at(false, 'f1'), { ...candidate('n1', 900_000), isNear: true }], 1, {}, 'f'],
    ] as const)('are %s', (_name, candidates, count, more, expected) => {
      expect(kinds([...candidates], count, more)).toBe(expected);
    });

    it('looks at nothing of that under other policies', () => {
      const seeds = Array.from({ length: 40 }, (_, n) => choose([...far, ...near], 1, { random: new SeededRandom(`${n}`) })[0]![0]);
      expect(new Set(seeds)).toEqual(new Set(['n', 'f']));
    });
  });
});
