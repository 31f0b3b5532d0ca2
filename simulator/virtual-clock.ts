/**
 * Virtual time: a four-ary heap of events ordered by moment and then by the order in which they were scheduled, so that
 * one seed always replays the same run. Nothing happens between events; time jumps from one to the next.
 */
import type { Cancel, Clock } from '#engine/ports';

/** Something that happens at a moment. Subclasses carry their own data, which spares a closure for every packet. */
export abstract class VirtualEvent {
  /** Moment, ms; set when scheduled. */
  at = 0;
  /** Order among events of one moment; set when scheduled. */
  order = 0;
  /** A cancelled event stays in the heap until its moment comes or the heap is swept. */
  isCancelled = false;
  abstract fire(): void;
}

class Timer extends VirtualEvent {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  fire(): void {
    this.#run();
  }
}

/** Below this many cancelled events a sweep costs more than it frees. */
const SWEEP_FROM = 4096;

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #heap: VirtualEvent[] = [];
  #cancelled = 0;
  #fired = 0;

  nowMs(): number {
    return this.#now;
  }

  /** Events waiting, cancelled ones left out. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** Events that have happened. */
  get fired(): number {
    return this.#fired;
  }

  /** @throws RangeError when `ms` is not a number; a negative pause is none. */
  after(ms: number, run: () => void): Cancel {
    const timer = new Timer(run);
    this.schedule(timer, this.#now + Math.max(0, ms));
    return () => this.cancel(timer);
  }

  /** Lets `event` happen at `at`, or now if that is past. An event is scheduled once. @throws RangeError on NaN. */
  schedule(event: VirtualEvent, at: number): void {
    if (Number.isNaN(at)) throw new RangeError('an event needs a moment');
    event.at = Math.max(at, this.#now);
    event.order = this.#order++;
    const heap = this.#heap;
    heap.push(event);
    let index = heap.length - 1;
    while (index > 0) {
      const above = (index - 1) >> 2;
      const parent = heap[above]!;
      if (isBefore(parent, event)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  /** Idempotent, and harmless after the event has happened. */
  cancel(event: VirtualEvent): void {
    if (event.isCancelled || event.at < this.#now) return;
    event.isCancelled = true;
    this.#cancelled++;
    if (this.#cancelled > SWEEP_FROM && this.#cancelled * 2 > this.#heap.length) this.#sweep();
  }

  /** Lets everything up to and including `endMs` happen; afterwards it is `endMs`. @returns events that happened. */
  runUntil(endMs: number): number {
    const before = this.#fired;
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.at > endMs) break;
      this.#removeFirst();
      if (next.isCancelled) {
        this.#cancelled--;
        continue;
      }
      this.#now = next.at;
      this.#fired++;
      // From here on a cancel must change nothing.
      next.at = -1;
      next.fire();
    }
    this.#now = Math.max(this.#now, endMs);
    return this.#fired - before;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(0, last);
  }

  /** Puts `event` where `index` is free, or below. */
  #sink(index: number, event: VirtualEvent): void {
    const heap = this.#heap;
    const length = heap.length;
    for (;;) {
      const firstChild = index * 4 + 1;
      if (firstChild >= length) break;
      let child = firstChild;
      const end = Math.min(firstChild + 4, length);
      for (let other = firstChild + 1; other < end; other++) if (isBefore(heap[other]!, heap[child]!)) child = other;
      const smallest = heap[child]!;
      if (isBefore(event, smallest)) break;
      heap[index] = smallest;
      index = child;
    }
    heap[index] = event;
  }

  #sweep(): void {
    this.#heap = this.#heap.filter((event) => !event.isCancelled);
    this.#cancelled = 0;
    for (let index = (this.#heap.length - 2) >> 2; index >= 0; index--) this.#sink(index, this.#heap[index]!);
  }
}

const isBefore = (a: VirtualEvent, b: VirtualEvent): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
