import { describe, expect, it } from 'vitest';
import type { Clock } from '#engine/ports';
import { whenCalm } from './when-calm.ts';

/** Runs every timer `lateness` late, one value after the other, then punctually; `elapsed` is what had passed at the end. */
async function waited(probes: number, lateness: readonly number[], atMostMs = 10_000): Promise<number> {
  let nowMs = 0;
  const late = [...lateness];
  const clock: Clock = {
    nowMs: () => nowMs,
    after: (ms, run) => {
      queueMicrotask(() => {
        nowMs += ms + (late.shift() ?? 0);
        run();
      });
      return () => undefined;
    },
  };
  await whenCalm({ clock, probes, atMostMs });
  return nowMs;
}

describe('waiting for calm', () => {
  it('is over after the probes asked for where the machine keeps up', async () => {
    expect(await waited(3, [])).toBe(48);
  });

  it('begins anew after each probe that was late', async () => {
    expect(await waited(3, [0, 0, 100])).toBe(16 * 3 + 100 + 48);
  });

  it('ends after the longest time where the machine never keeps up', async () => {
    expect(await waited(3, new Array<number>(100).fill(84), 1_000)).toBe(1_000);
  });
});
