/** The host's time as the engine's Clock: monotonic, so that a corrected system time moves no deadline. */
import type { Cancel, Clock } from '#engine/ports';
import type { TimerQuestion } from './timer-worker.ts';

/** Longest delay `setTimeout` takes, 2^31-1 ms; more would run at once. */
const MAX_DELAY_MS = 0x7fff_ffff;

export class SystemClock implements Clock {
  readonly #page = 'document' in globalThis ? new PageTasks() : undefined;

  /** Milliseconds since the page or process began. */
  nowMs(): number {
    return performance.now();
  }

  /** Calls `run` once, `ms` or more from now. What a page set before it was hidden may be a second late, once. */
  after(ms: number, run: () => void): Cancel {
    const delayMs = Math.min(Math.max(0, ms), MAX_DELAY_MS);
    if (this.#page !== undefined && (delayMs === 0 || document.hidden)) return this.#page.add(delayMs, run);
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  }
}

/**
 * Tasks that come back as messages. Pages put timers off, nested ones by 4 ms, those of hidden pages to once a second and
 * later once a minute; messages they do not, nor a worker's timers. So what an arrival sets off happens at once, and
 * whoever plays or serves in a hidden tab is no later than others.
 */
class PageTasks {
  readonly #channel = new MessageChannel();
  readonly #tasks = new Map<number, () => void>();
  #worker: Worker | undefined;
  #last = 0;

  constructor() {
    this.#channel.port1.onmessage = ({ data }: MessageEvent<number>) => this.#run(data);
  }

  /** `delayMs` 0: in the next turn of the event loop. */
  add(delayMs: number, task: () => void): Cancel {
    const id = ++this.#last;
    this.#tasks.set(id, task);
    if (delayMs === 0) {
      this.#channel.port2.postMessage(id);
      return () => this.#tasks.delete(id);
    }
    this.#ask({ id, ms: delayMs });
    // Late, but there where the worker is not: it is a file, and the network may be gone when it is first needed.
    const timer = setTimeout(() => this.#run(id), delayMs);
    return () => {
      this.#tasks.delete(id);
      clearTimeout(timer);
    };
  }

  #ask(question: TimerQuestion): void {
    if (this.#worker === undefined) {
      this.#worker = new Worker(new URL('./timer-worker.ts', import.meta.url), { type: 'module' });
      this.#worker.onmessage = ({ data }: MessageEvent<number>) => this.#run(data);
    }
    this.#worker.postMessage(question);
  }

  #run(id: number): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    task?.();
  }
}

/** This machine's distance from UTC, minutes, east of it positive. */
export const utcOffsetMinutes = (): number => -new Date().getTimezoneOffset();

/** Milliseconds since 1970 by this machine's clock. */
export const wallClockMs = (): number => Date.now();
