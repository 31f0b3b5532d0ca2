/** The host's time as the engine's Clock: monotonic, so that a corrected system time moves no deadline. */
import type { Cancel, Clock } from '#engine/ports';

/** Longest delay `setTimeout` takes, 2^31-1 ms; more would run at once. */
const MAX_DELAY_MS = 0x7fff_ffff;

export class SystemClock implements Clock {
  readonly #soon = 'document' in globalThis ? new TaskQueue() : undefined;

  /** Milliseconds since the page or process began. */
  nowMs(): number {
    return performance.now();
  }

  /** Calls `run` once, `ms` or more from now; a hidden page may call it up to a minute late, unless `ms` is 0. */
  after(ms: number, run: () => void): Cancel {
    if (ms <= 0 && this.#soon !== undefined) return this.#soon.add(run);
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  }
}

/**
 * Tasks for the next turn of the event loop. Pages put timers off, hidden ones by a second or more, nested ones by 4 ms;
 * messages they do not, so what an arrival sets off happens at once also where nobody is looking.
 */
class TaskQueue {
  readonly #channel = new MessageChannel();
  readonly #tasks = new Map<number, () => void>();
  #last = 0;

  constructor() {
    this.#channel.port1.onmessage = ({ data }: MessageEvent<number>) => {
      const task = this.#tasks.get(data);
      this.#tasks.delete(data);
      task?.();
    };
  }

  add(task: () => void): Cancel {
    const id = ++this.#last;
    this.#tasks.set(id, task);
    this.#channel.port2.postMessage(id);
    return () => this.#tasks.delete(id);
  }
}

/** Milliseconds since 1970 by this machine's clock. */
export const wallClockMs = (): number => Date.now();
