/** What every Dialer keeps to, told to adapters and fakes alike. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PeerId } from '#protocol/ids';
import { MAX_SIGNAL_CHARS } from '#protocol/limits';
import type { Clock, Dialer, DialerListener, PeerLink } from '../ports.ts';

/** Peer ids in order: the first is the smaller one. */
export const SMALLER = 'a'.repeat(32) as PeerId;
export const GREATER = 'b'.repeat(32) as PeerId;

export interface DialerHost {
  create(self: PeerId, clock: Clock): Dialer;
  /** The clock that real connections need to get on. */
  readonly clock: Clock;
  /** Longer than the dialer waits for a connection, milliseconds. */
  readonly pastTimeoutMs: number;
}

interface Side {
  readonly dialer: Dialer;
  readonly links: PeerLink[];
  readonly failed: PeerId[];
  accepts: boolean;
  /** False drops what this side says. */
  carries: boolean;
  /** Keeps back what this side says until `release`; resolves when it has said something. */
  hold(): Promise<void>;
  release(): void;
  /** Resolves when links and failures together number `count`. */
  outcomes(count: number): Promise<void>;
}

/** A clock that stands still until moved. */
export class StillClock implements Clock {
  #nowMs = 0;
  readonly #due = new Map<symbol, { readonly atMs: number; readonly run: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const key = Symbol('timer');
    this.#due.set(key, { atMs: this.#nowMs + ms, run });
    return () => this.#due.delete(key);
  }

  move(ms: number): void {
    this.#nowMs += ms;
    for (const [key, { atMs, run }] of [...this.#due]) {
      if (atMs > this.#nowMs || !this.#due.delete(key)) continue;
      run();
    }
  }
}

export function describeDialer(name: string, host: DialerHost): void {
  describe(`${name} keeps the contract of Dialer`, () => {
    let small: Side;
    let great: Side;
    beforeEach(() => {
      small = createSide(host.create(SMALLER, host.clock), () => great, SMALLER);
      great = createSide(host.create(GREATER, host.clock), () => small, GREATER);
    });
    afterEach(() => {
      small.dialer.close();
      great.dialer.close();
    });

    for (const [dials, caller, callee] of [['smaller', SMALLER, GREATER], ['greater', GREATER, SMALLER]] as const) {
      it(`opens a link on both sides when the ${dials} id dials`, async () => {
        const [from, to] = caller === SMALLER ? [small, great] : [great, small];
        from.dialer.dial(callee);
        expect(from.links.length + from.failed.length, 'not from inside dial()').toBe(0);
        expect(from.dialer.dialing).toBe(1);
        await Promise.all([from.outcomes(1), to.outcomes(1)]);
        expect(from.links.map((link) => link.remote)).toEqual([callee]);
        expect(to.links.map((link) => link.remote)).toEqual([caller]);
        expect(from.dialer.dialing + to.dialer.dialing).toBe(0);
      });
    }

    it('does nothing on a second dial, neither while connecting nor when connected', async () => {
      small.dialer.dial(GREATER);
      small.dialer.dial(GREATER);
      expect(small.dialer.dialing).toBe(1);
      await Promise.all([small.outcomes(1), great.outcomes(1)]);
      small.dialer.dial(GREATER);
      great.dialer.dial(SMALLER);
      expect(small.dialer.dialing + great.dialer.dialing).toBe(0);
    });

    it('makes one link when both sides dial at the same time', async () => {
      // Neither hears the other before both have spoken: with the first offer delivered at once there is no glare.
      const spoken = Promise.all([small.hold(), great.hold()]);
      small.dialer.dial(GREATER);
      great.dialer.dial(SMALLER);
      await spoken;
      small.release();
      great.release();
      await Promise.all([small.outcomes(1), great.outcomes(1)]);
      expect([small.links.length, great.links.length, small.failed.length, great.failed.length]).toEqual([1, 1, 0, 0]);
      const arrived = new Promise<Uint8Array>((resolve) => great.links[0]!.onMessage(resolve));
      small.links[0]!.send(Uint8Array.of(5));
      expect((await arrived)[0]).toBe(5);
    });

    it('fails when the other side does not want the link', async () => {
      great.accepts = false;
      small.dialer.dial(GREATER);
      await small.outcomes(1);
      expect(small.failed).toEqual([GREATER]);
      expect(great.links.length + great.failed.length).toBe(0);
    });

    it('fails when nobody answers in time, and can dial again', () => {
      const clock = new StillClock();
      small.dialer.close();
      small = createSide(host.create(SMALLER, clock), () => great, SMALLER);
      small.carries = false;
      small.dialer.dial(GREATER);
      clock.move(host.pastTimeoutMs);
      expect(small.failed).toEqual([GREATER]);
      small.dialer.dial(GREATER);
      expect(small.dialer.dialing).toBe(1);
    });

    it('opens a new link after the old one was closed', async () => {
      small.dialer.dial(GREATER);
      await Promise.all([small.outcomes(1), great.outcomes(1)]);
      small.links[0]!.close();
      small.dialer.dial(GREATER);
      await Promise.all([small.outcomes(2), great.outcomes(2)]);
      expect([small.links.length, great.links.length]).toEqual([2, 2]);
    });

    it('hangs up: ends links and dials, tells no failure, and dials again when asked', async () => {
      small.dialer.dial(GREATER);
      await Promise.all([small.outcomes(1), great.outcomes(1)]);
      const ended = new Promise<string>((resolve) => great.links[0]!.onEnd(resolve));
      small.dialer.hangUp();
      expect(await ended).toBe('closedByPeer');
      small.dialer.dial(GREATER);
      small.dialer.hangUp();
      expect(small.dialer.dialing).toBe(0);
      small.dialer.dial(GREATER);
      await Promise.all([small.outcomes(2), great.outcomes(2)]);
      expect([small.links.length, small.failed]).toEqual([2, []]);
    });

    it('ignores signals that are none', () => {
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json(), fc.constant('x'.repeat(MAX_SIGNAL_CHARS + 1)), damagedSignal), (text) => {
          small.dialer.signal(GREATER, text);
        }),
      );
      expect(small.links.length + small.failed.length + small.dialer.dialing).toBe(0);
    });

    it('calls nothing back after close', async () => {
      small.dialer.dial(GREATER);
      small.dialer.close();
      great.dialer.dial(SMALLER);
      great.dialer.close();
      small.dialer.dial(GREATER);
      expect(small.dialer.dialing).toBe(0);
      await new Promise((resolve) => setImmediate(resolve)); // Everything queued by the calls above has run.
      expect([small.links, small.failed, great.links, great.failed]).toEqual([[], [], [], []]);
    });
  });
}

/** Looks like a signal of one kind or another, and is wrong somewhere. */
const damagedSignal = fc
  .record({
    session: fc.oneof(fc.constant('0123456789abcdef'), fc.string(), fc.integer()),
    data: fc.oneof(
      fc.record({ type: fc.constantFrom('answer', 'candidates', 'refused', 'renegotiate', 'transceiverRequest'), sdp: fc.anything() }),
      fc.record({ type: fc.constant('offer'), sdp: fc.oneof(fc.integer(), fc.constant(null)) }),
      fc.anything(),
    ),
  })
  .map((signal) => JSON.stringify(signal, (_key, value: unknown) => (typeof value === 'bigint' ? 0 : value)));

function createSide(dialer: Dialer, other: () => Side, self: PeerId): Side {
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const links: PeerLink[] = [];
  const failed: PeerId[] = [];
  const check = (): void => {
    for (const { count, resolve } of waiting) if (links.length + failed.length >= count) resolve();
  };
  let held: string[] | undefined;
  let spoke: (() => void) | undefined;
  const carry = (signal: string): void => queueMicrotask(() => other().dialer.signal(self, signal));
  const side: Side = {
    dialer,
    links,
    failed,
    accepts: true,
    carries: true,
    hold: () => {
      held = [];
      return new Promise((resolve) => (spoke = resolve));
    },
    release: () => {
      for (const signal of held ?? []) carry(signal);
      held = undefined;
    },
    outcomes: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve });
        check();
      }),
  };
  const listener: DialerListener = {
    accepts: () => side.accepts,
    onLink: (link) => {
      links.push(link);
      check();
    },
    onFailed: (peer) => {
      failed.push(peer);
      check();
    },
    onSignal: (_to, signal) => {
      if (!side.carries) return;
      if (held === undefined) carry(signal);
      else held.push(signal);
      spoke?.();
    },
  };
  dialer.listen(listener);
  return side;
}
