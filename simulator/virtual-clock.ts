/**
 * Virtual time: a four-ary heap of events ordered by moment and then by the order in which they were scheduled, so that
 * one seed always replays the same run. Nothing happens between events; time jumps from one to the next. Moments lie in
 * arrays of their own, apart from the events: a thousand peers have tens of thousands of events waiting, and following
 * a reference for each comparison took an eighth of all time.
 */
import type { Cancel, Clock } from '#engine/ports';

/** Something that happens at a moment. Subclasses carry their own data, which spares a closure for every packet. */
export abstract class VirtualEvent {
  /** Neither happened nor cancelled; a cancelled one stays in the heap until its moment comes or the heap is swept. */
  declare isWaiting: boolean;

  /** Set here rather than where it is declared: an event costs a third less to make (41 to 48 ns against 69 to 79), and each message is one. */
  constructor() {
    this.isWaiting = true;
  }

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
const FIRST_CAPACITY = 4096;

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #cancelled = 0;
  #fired = 0;
  /** The heap: events, their moments (ms) and their order among events of one moment. */
  #events: VirtualEvent[] = [];
  #moments = new Float64Array(FIRST_CAPACITY);
  #orders = new Float64Array(FIRST_CAPACITY);

  nowMs(): number {
    return this.#now;
  }

  /** Events waiting, cancelled ones left out. */
  get pending(): number {
    return this.#events.length - this.#cancelled;
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
    const moment = Math.max(at, this.#now);
    let index = this.#events.length;
    if (index === this.#moments.length) this.#grow();
    this.#events.push(event);
    const moments = this.#moments;
    // What is scheduled last comes last among events of one moment.
    while (index > 0) {
      const above = (index - 1) >> 2;
      if (moments[above]! <= moment) break;
      this.#copy(above, index);
      index = above;
    }
    this.#put(index, event, moment, this.#order++);
  }

  /** Idempotent, and harmless after the event has happened. */
  cancel(event: VirtualEvent): void {
    if (!event.isWaiting) return;
    event.isWaiting = false;
    this.#cancelled++;
    if (this.#cancelled > SWEEP_FROM && this.#cancelled * 2 > this.#events.length) this.#sweep();
  }

  /** Lets everything up to and including `endMs` happen; afterwards it is `endMs`. @returns events that happened. */
  runUntil(endMs: number): number {
    const before = this.#fired;
    while (this.#events.length > 0) {
      const moment = this.#moments[0]!;
      if (moment > endMs) break;
      const next = this.#events[0]!;
      this.#removeFirst();
      if (!next.isWaiting) {
        this.#cancelled--;
        continue;
      }
      this.#now = moment;
      this.#fired++;
      // From here on a cancel must change nothing.
      next.isWaiting = false;
      next.fire();
    }
    this.#now = Math.max(this.#now, endMs);
    return this.#fired - before;
  }

  #removeFirst(): void {
    const last = this.#events.length - 1;
    const event = this.#events.pop()!;
    if (last > 0) this.#sink(0, event, this.#moments[last]!, this.#orders[last]!);
  }

  /** Puts an event where `start` is free, or below. */
  #sink(start: number, event: VirtualEvent, moment: number, order: number): void {
    const moments = this.#moments;
    const orders = this.#orders;
    const { length } = this.#events;
    let index = start;
    for (;;) {
      const firstChild = index * 4 + 1;
      if (firstChild >= length) break;
      const end = Math.min(firstChild + 4, length);
      let child = firstChild;
      let least = moments[firstChild]!;
      for (let other = firstChild + 1; other < end; other++) {
        const candidate = moments[other]!;
        if (candidate > least || (candidate === least && orders[other]! > orders[child]!)) continue;
        child = other;
        least = candidate;
      }
      if (moment < least || (moment === least && order < orders[child]!)) break;
      this.#copy(child, index);
      index = child;
    }
    this.#put(index, event, moment, order);
  }

  #put(index: number, event: VirtualEvent, moment: number, order: number): void {
    this.#events[index] = event;
    this.#moments[index] = moment;
    this.#orders[index] = order;
  }

  #copy(from: number, to: number): void {
    this.#events[to] = this.#events[from]!;
    this.#moments[to] = this.#moments[from]!;
    this.#orders[to] = this.#orders[from]!;
  }

  #grow(): void {
    const moments = new Float64Array(2 * this.#moments.length);
    const orders = new Float64Array(moments.length);
    moments.set(this.#moments);
    orders.set(this.#orders);
    this.#moments = moments;
    this.#orders = orders;
  }

  #sweep(): void {
    let kept = 0;
    for (let index = 0; index < this.#events.length; index++) {
      if (!this.#events[index]!.isWaiting) continue;
      this.#copy(index, kept);
      kept++;
    }
    this.#events.length = kept;
    this.#cancelled = 0;
    for (let index = (kept - 2) >> 2; index >= 0; index--) this.#sink(index, this.#events[index]!, this.#moments[index]!, this.#orders[index]!);
  }
}
