/**
 * A small external store: makes a snapshot at most four times a second, and only while somebody listens. Between two of
 * them `getSnapshot` returns the same object, as React's useSyncExternalStore demands.
 */
import type { Cancel, Clock } from '#engine/ports';

/** A person reads no faster, and a snapshot of a full swarm costs about a millisecond. */
const INTERVAL_MS = 250;

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
      this.#schedule(INTERVAL_MS);
    }
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Something worth showing soon has changed: the next telling comes as early as the interval allows. */
  touch(): void {
    if (this.#listeners.size === 0) {
      this.#current = undefined;
      return;
    }
    this.#schedule(Math.max(0, this.#toldMs + INTERVAL_MS - this.#clock.nowMs()));
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
