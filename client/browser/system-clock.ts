/** The host's time as the engine's Clock: monotonic, so that a corrected system time moves no deadline. */
import type { Cancel, Clock } from '#engine/ports';

/** Longest delay `setTimeout` takes, 2^31-1 ms; more would run at once. */
const MAX_DELAY_MS = 0x7fff_ffff;

export class SystemClock implements Clock {
  /** Milliseconds since the page or process began. */
  nowMs(): number {
    return performance.now();
  }

  /** Calls `run` once, `ms` or more from now; a hidden page may call it up to a minute late. */
  after(ms: number, run: () => void): Cancel {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  }
}

/** Milliseconds since 1970 by this machine's clock. */
export const wallClockMs = (): number => Date.now();
