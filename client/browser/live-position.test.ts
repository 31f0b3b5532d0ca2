import { describe, expect, it } from 'vitest';
import { isAtLive, placeLive, type LiveState } from './live-position.ts';
import { liveTarget } from './live-target.ts';
import { behindMs, offsetUs } from './media-timeline.ts';
import { makeRecord } from './testing/entries.ts';

const STATE: LiveState = { behindMs: 5_800, targetMs: 5_800, chunkMs: 2_000, aheadMs: 4_000, followsLive: true, isOutsideWindow: false, mayWait: false, rate: 1 };

describe('placeLive', () => {
  it.each<[string, Partial<LiveState>, ReturnType<typeof placeLive>]>([
    ['stays on target', {}, { action: 'keep', rate: 1, reason: 'onTarget' }],
    ['lets a small lag be', { behindMs: 6_100 }, { action: 'keep', rate: 1, reason: 'onTarget' }],
    ['plays a little faster when it lags', { behindMs: 6_300 }, { action: 'keep', rate: 1.05, reason: 'lags' }],
    ['goes on catching up until it is there', { behindMs: 5_950, rate: 1.05 }, { action: 'keep', rate: 1.05, reason: 'lags' }],
    ['is done when it is there', { behindMs: 5_850, rate: 1.05 }, { action: 'keep', rate: 1, reason: 'onTarget' }],
    ['hurries when it lags much', { behindMs: 8_000 }, { action: 'keep', rate: 1.1, reason: 'lagsMuch' }],
    ['does not hurry into a stall', { behindMs: 8_000, aheadMs: 1_000 }, { action: 'keep', rate: 1, reason: 'bufferShort' }],
    ['falls back from where a hole has taken it', { behindMs: 3_900 }, { action: 'keep', rate: 0.95, reason: 'tooNear' }],
    ['lets be who is nearer than it should', { behindMs: 5_000 }, { action: 'keep', rate: 1, reason: 'onTarget' }],
    ['falls back from too near where it may', { behindMs: 5_500, mayWait: true }, { action: 'keep', rate: 0.95, reason: 'tooNear' }],
    ['goes on falling back until it is there', { behindMs: 5_700, mayWait: true, rate: 0.95 }, { action: 'keep', rate: 0.95, reason: 'tooNear' }],
    ['has fallen back', { behindMs: 5_750, mayWait: true, rate: 0.95 }, { action: 'keep', rate: 1, reason: 'onTarget' }],
    ['jumps after a freeze', { behindMs: 30_000 }, { action: 'jump', rate: 1, reason: 'frozen' }],
    ['leaves alone who has gone back', { behindMs: 30_000, followsLive: false }, { action: 'keep', rate: 1, reason: 'wentBack' }],
    ['jumps when its media is gone', { followsLive: false, isOutsideWindow: true }, { action: 'jump', rate: 1, reason: 'outsideWindow' }],
  ])('%s', (_what, change, decision) => {
    expect(placeLive({ ...STATE, ...change })).toEqual(decision);
  });

  it('calls it live up to a chunk and a half behind the target', () => {
    expect(isAtLive({ ...STATE, behindMs: 8_800 })).toBe(true);
    expect(isAtLive({ ...STATE, behindMs: 8_801 })).toBe(false);
  });
});

describe('liveTarget', () => {
  const newest = makeRecord(10, { onAirMs: 100_000 });
  it.each([
    ['the newest chunk has just ended', 102_000, 5.8],
    ['it ended a second ago', 103_000, 4.8],
    ['there must be a chunk left to play', 107_000, 2.2],
    ['the clocks cannot be right', 500_000, 5.8],
    ['this clock is behind', 101_000, 5.8],
  ])('when %s', (_when, hostMs, seconds) => {
    expect(liveTarget(newest, 5.8, 2, hostMs)).toBeCloseTo(seconds, 6);
  });

  it('does without clocks where the host tells no time', () => {
    expect(liveTarget(makeRecord(10, { onAirMs: 0 }), 5.8, 2, 103_000)).toBe(5.8);
  });
});

describe('the media timeline', () => {
  const records = [makeRecord(5), makeRecord(6), makeRecord(7)];

  it('matches the clocks by the newest chunk both know', () => {
    expect(offsetUs([{ start: 4.5, index: 6 }, { start: 2, index: 5 }, { start: 0, index: 4 }], records)).toBe(12_000_000 - 4_500_000);
    expect(offsetUs([{ start: 0, index: 1 }], records)).toBeUndefined();
    expect(offsetUs([], records)).toBeUndefined();
  });

  it('tells how long ago media was on air', () => {
    const onAirMs = records[1]!.onAirMs;
    expect(behindMs(records, 12_500_000, onAirMs + 4_000)).toBe(3_500);
    expect(behindMs(records, 0, onAirMs)).toBe(2_000 + 10_000);
    expect(behindMs([], 0, 0)).toBeNull();
    expect(behindMs([makeRecord(1, { onAirMs: 0 })], 0, 0)).toBeNull();
  });
});
