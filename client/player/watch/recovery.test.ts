// A page whose channel could not be opened comes back by itself, and only then.
import type { WatchSnapshot } from '#browser/watch-snapshot';
import { describe, expect, it } from 'vitest';
import { watchSnapshot } from '../testing/scripted-viewer.ts';
import { recoverUnopened } from './recovery.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function page(state: WatchSnapshot) {
  const pauses: number[] = [];
  let isThere = false;
  let reloads = 0;
  let fire = (): void => undefined;
  const stop = recoverUnopened({
    viewer: { opened: Promise.resolve(), getSnapshot: () => state },
    isThere: () => Promise.resolve(isThere),
    after: (ms, action) => {
      pauses.push(ms);
      fire = action;
      return () => (fire = () => undefined);
    },
    reload: () => reloads++,
  });
  const next = async () => {
    fire();
    await settle();
  };
  return { pauses, stop, next, appear: () => (isThere = true), reloads: () => reloads };
}

describe('recoverUnopened', () => {
  it.each(['unreachable', 'unknownChannel'] as const)('loads the page anew when a channel that was %s is there', async (trouble) => {
    const { pauses, next, appear, reloads } = page(watchSnapshot({ status: 'failed', trouble }));
    await settle();
    await next();
    await next();
    expect(reloads()).toBe(0);
    appear();
    await next();
    expect(reloads()).toBe(1);
    expect(pauses).toEqual([2_000, 3_000, 4_500]);
  });

  it('never waits longer than a quarter of a minute', async () => {
    const { pauses, next } = page(watchSnapshot({ status: 'failed', trouble: 'unreachable' }));
    await settle();
    for (let at = 0; at < 12; at++) await next();
    expect(Math.max(...pauses)).toBe(15_000);
  });

  it.each([
    watchSnapshot(),
    watchSnapshot({ status: 'failed', trouble: 'untrusted' }),
    watchSnapshot({ status: 'failed', trouble: 'unsupportedBrowser' }),
  ])('leaves $status, $trouble alone: a reload would change nothing', async (state) => {
    const { pauses } = page(state);
    await settle();
    expect(pauses).toEqual([]);
  });

  it('asks no more once ended', async () => {
    const { stop, next, appear, reloads } = page(watchSnapshot({ status: 'failed', trouble: 'unreachable' }));
    await settle();
    stop();
    appear();
    await next();
    expect(reloads()).toBe(0);
  });
});
