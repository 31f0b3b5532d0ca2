/**
 * Waits until the machine keeps up again: several pages that start at once, or one on a weak machine, otherwise take the
 * time that playback needs for work that nobody would miss a moment longer.
 */
import type { Clock } from '#engine/ports';

/** A timer of this length on a machine that keeps up is hardly later than LATE_MS. */
const PROBE_MS = 16;
const LATE_MS = 20;

export interface CalmOptions {
  readonly clock: Clock;
  /** Probes in a row that must be punctual. */
  readonly probes: number;
  /** Resolves after this long all the same. */
  readonly atMostMs: number;
}

/** Never rejects. */
export function whenCalm({ clock, probes, atMostMs }: CalmOptions): Promise<void> {
  const startedMs = clock.nowMs();
  return new Promise((resolve) => {
    const probe = (missing: number): void => {
      const askedMs = clock.nowMs();
      if (missing === 0 || askedMs - startedMs >= atMostMs) {
        resolve();
        return;
      }
      clock.after(PROBE_MS, () => {
        const isLate = clock.nowMs() - askedMs > PROBE_MS + LATE_MS;
        probe(isLate ? probes : missing - 1);
      });
    };
    probe(probes);
  });
}
