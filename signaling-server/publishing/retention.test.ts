import { describe, expect, it } from 'vitest';
import { isAbandoned, mayGiveWay } from './retention.ts';

const DAY_MS = 86_400_000;

describe('a published channel whose host is silent', () => {
  it.each<[string, 'vod' | 'live', boolean, number, boolean, boolean]>([
    ['live, since yesterday evening', 'live', false, 1, false, false],
    ['live, for two days', 'live', false, 2, true, true],
    ['an upload that broke off a week ago', 'vod', false, 7, false, false],
    ['an upload that nobody goes on with', 'vod', false, 9, true, true],
    ['a whole film of this month', 'vod', true, 29, false, false],
    ['a whole film of last year', 'vod', true, 365, false, true],
  ])('%s', (_, kind, isWhole, days, isGone, givesWay) => {
    const silence = { kind, isWhole, silentMs: days * DAY_MS };
    expect([isAbandoned(silence), mayGiveWay(silence)]).toEqual([isGone, givesWay]);
  });
});
