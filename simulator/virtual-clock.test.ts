import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerClock } from './peer-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('virtual clock', () => {
  it('lets events happen by moment, and in the order of scheduling within one moment', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (moments) => {
        const clock = new VirtualClock();
        const happened: [number, number][] = [];
        moments.forEach((at, order) => clock.after(at, () => happened.push([at, order])));
        clock.runUntil(20);
        expect(happened).toEqual(moments.map((at, order): [number, number] => [at, order]).sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
    );
  });

  it('calls back nothing that was cancelled, however many were', () => {
    const clock = new VirtualClock();
    const happened: number[] = [];
    const cancels = Array.from({ length: 20_000 }, (_, order) => clock.after((order * 7919) % 1000, () => happened.push(order)));
    cancels.forEach((cancel, order) => {
      if (order % 3 !== 0) cancel();
    });
    expect(clock.pending).toBe(Math.ceil(20_000 / 3));
    clock.runUntil(1000);
    expect(happened.length).toBe(Math.ceil(20_000 / 3));
    expect(happened.every((order) => order % 3 === 0)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('takes what is scheduled meanwhile into account, and stops at the end given', () => {
    const clock = new VirtualClock();
    const moments: number[] = [];
    const again = (): void => {
      moments.push(clock.nowMs());
      clock.after(10, again);
    };
    again();
    clock.runUntil(35);
    expect(moments).toEqual([0, 10, 20, 30]);
    expect(clock.nowMs()).toBe(35);
  });

  it('does not let a cancel after the event disturb the count', () => {
    const clock = new VirtualClock();
    const cancel = clock.after(1, () => undefined);
    clock.after(5, () => undefined);
    clock.runUntil(2);
    cancel();
    cancel();
    expect(clock.pending).toBe(1);
  });
});

describe('clock of one peer', () => {
  it('counts the timers that are still running', () => {
    const world = new VirtualClock();
    const clock = new PeerClock(world);
    const cancel = clock.after(10, () => undefined);
    clock.after(20, () => undefined);
    expect(clock.running).toBe(2);
    cancel();
    cancel();
    expect(clock.running).toBe(1);
    world.runUntil(30);
    expect(clock.running).toBe(0);
  });

  it('stands still while frozen and then does what fell due, in order, without what was cancelled', () => {
    const world = new VirtualClock();
    const clock = new PeerClock(world);
    const happened: string[] = [];
    clock.after(10, () => happened.push('a'));
    const cancel = clock.after(20, () => happened.push('b'));
    clock.after(30, () => happened.push('c'));
    clock.freeze();
    world.runUntil(100);
    expect(happened).toEqual([]);
    cancel();
    clock.thaw();
    expect(happened).toEqual(['a', 'c']);
    expect(clock.running).toBe(0);
  });

  it('is silent for ever once its machine is gone', () => {
    const world = new VirtualClock();
    const clock = new PeerClock(world);
    clock.after(10, () => {
      throw new Error('a dead machine woke up');
    });
    clock.stop();
    world.runUntil(100);
  });
});
