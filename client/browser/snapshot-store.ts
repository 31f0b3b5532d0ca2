/**
 * A small external store: makes a snapshot once a second, sooner after something that shows, and only while somebody
 * listens. Between two of them `getSnapshot` returns the same object, as React's useSyncExternalStore demands.
 */
import type { Cancel, Clock } from '#engine/ports';

/** Figures that change all the time: a person reads no faster, and drawing them costs more than making them. */
const INTERVAL_MS = 1_000;
/** What `touch` announces (a start, a failure, another quality) is shown sooner. */
const TOUCHED_MS = 250;

export class SnapshotStore<T> {
  readonly #make: () => T;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #current: T | undefined;
  #stopTimer: Cancel | undefined;
  #toldMs = -Infinity;

  constructor(make: () => T, clock: Clock) {
    this.#make = make;
    this.#clock = clock;
  }

  readonly getSnapshot = (): T => (this.#current ??= this.#make());

  readonly subscribe = (listener: () => void): Cancel => {
    // An entry of its own, so that the same function subscribed twice counts twice.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) {
      // What was read before anybody listened may be old by now.
      this.#current = undefined;
      this.#schedule(TOUCHED_MS);
    }
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Something worth showing soon has changed: the next telling comes soon. */
  touch(): void {
    if (this.#listeners.size === 0) {
      this.#current = undefined;
      return;
    }
    this.#schedule(Math.max(0, this.#toldMs + TOUCHED_MS - this.#clock.nowMs()));
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #schedule(ms: number): void {
    this.#stop();
    this.#stopTimer = this.#clock.after(ms, () => {
      this.#current = this.#make();
      this.#toldMs = this.#clock.nowMs();
      this.#schedule(INTERVAL_MS);
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
