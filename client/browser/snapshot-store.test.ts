import { beforeEach, describe, expect, it } from 'vitest';
import { StillClock } from '#engine/testing/dialer.contract';
import { SnapshotStore } from './snapshot-store.ts';

let clock: StillClock;
let made: number;
let store: SnapshotStore<{ readonly number: number }>;

beforeEach(() => {
  clock = new StillClock();
  made = 0;
  store = new SnapshotStore(() => ({ number: ++made }), clock);
});

describe('SnapshotStore', () => {
  it('returns the same object until it has told of a new one', () => {
    let told = 0;
    store.subscribe(() => told++);
    const first = store.getSnapshot();
    expect(store.getSnapshot()).toBe(first);
    clock.move(250);
    expect(told).toBe(1);
    expect(store.getSnapshot()).not.toBe(first);
  });

  it('tells once a second of figures that only go on', () => {
    let told = 0;
    store.subscribe(() => told++);
    clock.move(250);
    for (let ms = 0; ms < 10_000; ms += 10) clock.move(10);
    expect(told).toBe(11);
  });

  it('tells at most four times a second, however often it is touched', () => {
    let told = 0;
    store.subscribe(() => told++);
    for (let ms = 0; ms < 2_000; ms += 10) {
      store.touch();
      clock.move(10);
    }
    expect(told).toBeLessThanOrEqual(8);
    expect(told).toBeGreaterThanOrEqual(7);
  });

  it('computes nothing while nobody listens', () => {
    const stop = store.subscribe(() => undefined);
    stop();
    clock.move(10_000);
    expect(made).toBe(0);
  });

  it('shows what is true now to one who reads without listening', () => {
    const first = store.getSnapshot();
    store.touch();
    expect(store.getSnapshot()).not.toBe(first);
  });

  it('tells nobody after close', () => {
    let told = 0;
    store.subscribe(() => told++);
    store.close();
    clock.move(10_000);
    expect(told).toBe(0);
  });
});
