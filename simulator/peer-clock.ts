/**
 * One peer's own view of virtual time. It knows which of the peer's timers are still running, so that a peer that
 * closes and leaves one behind is found out, and it can stand still for a while, as a sleeping tab does.
 */
import type { Cancel, Clock } from '#engine/ports';
import { VirtualEvent, type VirtualClock } from './virtual-clock.ts';

class PeerTimer extends VirtualEvent {
  readonly #clock: PeerClock;
  readonly #run: () => void;

  constructor(clock: PeerClock, run: () => void) {
    super();
    this.#clock = clock;
    this.#run = run;
  }

  fire(): void {
    this.#clock.expire(this);
  }

  run(): void {
    this.#run();
  }
}

export class PeerClock implements Clock {
  readonly #clock: VirtualClock;
  #running = 0;
  #isFrozen = false;
  #isStopped = false;
  #late: PeerTimer[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Timers neither run nor cancelled. */
  get running(): number {
    return this.#running;
  }

  after(ms: number, run: () => void): Cancel {
    if (this.#isStopped) return () => undefined;
    const timer = new PeerTimer(this, run);
    this.#running++;
    this.#clock.schedule(timer, this.#clock.nowMs() + Math.max(0, ms));
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (!timer.isWaiting) {
        // Already run, unless it fell due while the peer stood still and waits for the thaw.
        const waiting = this.#late.indexOf(timer);
        if (waiting < 0) return;
        this.#late.splice(waiting, 1);
      }
      this.#running--;
      this.#clock.cancel(timer);
    };
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Timers that fall due wait for `thaw`. */
  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    // One at a time: what runs may cancel what waits, or the peer may stop.
    for (let timer = this.#late.shift(); timer; timer = this.#late.shift()) this.expire(timer);
  }

  /** The machine is gone: nothing runs any more. */
  stop(): void {
    this.#isStopped = true;
    this.#late = [];
  }

  /** A timer of this clock has fallen due. */
  expire(timer: PeerTimer): void {
    if (this.#isStopped) return;
    if (this.#isFrozen) {
      this.#late.push(timer);
      return;
    }
    this.#running--;
    timer.run();
  }
}
