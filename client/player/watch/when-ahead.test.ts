import { expect, it } from 'vitest';
import { whenAhead } from './when-ahead.ts';

/** Resolves with how long was waited, where `aheadAfter` says what is buffered after so many milliseconds. */
async function waited(aheadAfter: (ms: number) => number, { duration = 60, readyState = 2, paused = false } = {}): Promise<number> {
  let nowMs = 0;
  const video = {
    currentTime: 0,
    duration,
    readyState,
    paused,
    get buffered() {
      return { length: 1, start: () => 0, end: () => aheadAfter(nowMs) };
    },
  };
  const after = (ms: number, action: () => void): void => queueMicrotask(() => {
    nowMs += ms;
    action();
  });
  await whenAhead(video as unknown as HTMLVideoElement, { seconds: 1, atMostMs: 2_000, after });
  return nowMs;
}

it('goes on at once with enough ahead', async () => {
  expect(await waited(() => 1.2)).toBe(0);
});

it('waits until there is enough', async () => {
  expect(await waited((ms) => ms / 1_000)).toBe(1_000);
});

it('goes on where nothing more can come', async () => {
  expect(await waited(() => 0.5, { duration: 0.6 })).toBe(0);
});

it('waits for nothing where there is no picture, or the browser lets nothing play', async () => {
  expect(await waited(() => 0, { readyState: 0 })).toBe(0);
  expect(await waited(() => 0.3, { paused: true })).toBe(0);
});

it('waits no longer than it was told to', async () => {
  expect(await waited(() => 0.3)).toBe(2_000);
});
