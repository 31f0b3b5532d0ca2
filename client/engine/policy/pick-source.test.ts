import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../settings.ts';
import { pickSource, urgencyMs, type PieceSituation } from './pick-source.ts';

const settings = { ...defaultSettings, originWindowMs: 16_000, originWindowAloneMs: 30_000, latePeerMs: 250 };
const calm: PieceSituation = {
  slackMs: 8_000,
  aheadMs: 8_000,
  isHeldByNeighbour: false,
  peerMs: null,
  originMs: 100,
  lineMs: 0,
  turnMs: 0,
  isIntroducing: false,
  urgentMs: 1_500,
  isAlone: false,
  isShared: false,
  hasFailed: false,
};
const held = { isHeldByNeighbour: true };

const cases: readonly [string, Partial<PieceSituation>, string, string][] = [
  ['a holder in time serves it', { ...held, peerMs: 300 }, 'peer', 'inTime'],
  ['a holder that would be late does not count: the line at the seeder', { peerMs: 9_000 }, 'origin', 'duty'],
  ['with time to spare a holder is left to those before us', { ...held, peerMs: 300, lineMs: 250 }, 'wait', 'inLine'],
  ['without time to spare it is not', { ...held, peerMs: 300, lineMs: 250, slackMs: 3_000 }, 'peer', 'inTime'],
  ['busy holders are waited for while there is time', held, 'wait', 'holderBusy'],
  ['urgent and nobody holds it: the seeder', { slackMs: 1_000 }, 'origin', 'late'],
  ['urgent and the holder would be late: the seeder', { slackMs: 1_000, ...held, peerMs: 3_000 }, 'origin', 'late'],
  ['urgent and the seeder is later still: the holder', { slackMs: 1_000, ...held, peerMs: 3_000, originMs: 9_000 }, 'peer', 'bestLeft'],
  ['urgent and all holders are busy: the seeder', { slackMs: 1_000, ...held }, 'origin', 'late'],
  ['urgent and a neighbour has failed: the seeder, whatever others promise', { slackMs: 1_000, ...held, peerMs: 200, hasFailed: true }, 'origin', 'late'],
  ['urgent, a neighbour has failed, and the seeder is away: another neighbour', { slackMs: 1_000, ...held, peerMs: 200, hasFailed: true, originMs: Infinity }, 'peer', 'inTime'],
  ['a holder that would need what the seeder needs to step in is not asked', { slackMs: 4_000, ...held, peerMs: 3_000 }, 'wait', 'holderBusy'],
  ['late already, a holder that is quick enough serves it', { slackMs: -500, ...held, peerMs: 200 }, 'peer', 'inTime'],
  ['a new piece is fetched by the first in line', { turnMs: 0 }, 'origin', 'duty'],
  ['the second in line waits', { turnMs: 500 }, 'wait', 'inLine'],
  ['the second in line goes when its turn has come', { turnMs: -1 }, 'origin', 'duty'],
  ['far ahead nobody asks the seeder', { aheadMs: 20_000, slackMs: 20_000 }, 'wait', 'far'],
  ['alone, the seeder is asked as far as hls.js would', { isAlone: true, aheadMs: 20_000, slackMs: 20_000 }, 'origin', 'alone'],
  ['alone, but not farther', { isAlone: true, aheadMs: 40_000, slackMs: 40_000 }, 'wait', 'far'],
  ['while peers are being met what can wait waits', { isIntroducing: true }, 'wait', 'introducing'],
  ['while peers are being met what is urgent does not', { isIntroducing: true, slackMs: 1_000 }, 'origin', 'late'],
  ['starting together, the first in line fetches', { slackMs: 0, isShared: true }, 'origin', 'duty'],
  ['starting together, the second waits its short turn', { slackMs: 0, isShared: true, turnMs: 150 }, 'wait', 'inLine'],
];

describe('pickSource', () => {
  it.each(cases)('%s', (_name, change, source, reason) => {
    expect(pickSource({ ...calm, ...change }, settings)).toMatchObject({ source, reason });
  });

  it('never waits past the moment a piece becomes urgent', () => {
    for (const change of [held, { turnMs: 25_000 }, { isIntroducing: true }]) {
      const choice = pickSource({ ...calm, slackMs: 4_000, ...change }, settings);
      expect(choice).toMatchObject({ source: 'wait' });
      if (choice.source === 'wait') expect(choice.forMs).toBeLessThanOrEqual(2_500);
    }
  });
});

describe('urgencyMs', () => {
  const bounds = { ...defaultSettings, urgentMs: 1_500, urgentFloorMs: 500, urgentCeilingMs: 4_000, urgentSteadyMs: 700 };

  it.each([
    ['a quick seeder at the start', 20, true, 0, 500],
    ['a slower one', 800, true, 0, 800],
    ['a slow one', 3_200, true, 0, 3_200],
    ['a failing one', 9_000, true, 0, 4_000],
    ['a quick seeder later on', 20, false, 0, 700],
    ['a slow one later on', 9_000, false, 0, 1_500],
    ['a host that is late', 20, false, 300, 1_300],
    ['a host that hardly runs', 20, false, 20_000, 3_700],
  ])('%s', (_name, originMs, isSettling, lagMs, expected) => {
    expect(urgencyMs(originMs, isSettling, lagMs, bounds)).toBe(expected);
  });
});
