import wrtc from '@roamhq/wrtc';
import { describe, expect, it } from 'vitest';
import { describeDialer, GREATER, SMALLER } from '#engine/testing/dialer.contract';
import { describePeerLink, type LinkPair } from '#engine/testing/peer-link.contract';
import type { PeerLink } from '#engine/ports';
import { MAX_MESSAGE_BYTES } from '#protocol/limits';
import { CONNECT_TIMEOUT_MS, SimplePeerDialer } from './simple-peer-dialer.ts';
import { SystemClock } from './system-clock.ts';

const clock = new SystemClock();

/** Two linked dialers in this process, over real WebRTC. */
async function openPair(): Promise<LinkPair> {
  const near = new SimplePeerDialer({ self: SMALLER, clock, wrtc });
  const far = new SimplePeerDialer({ self: GREATER, clock, wrtc });
  const open = (dialer: SimplePeerDialer, self: typeof SMALLER, other: SimplePeerDialer): Promise<PeerLink> =>
    new Promise((resolve, reject) => {
      dialer.listen({
        accepts: () => true,
        onLink: resolve,
        onFailed: () => reject(new Error('no connection')),
        onSignal: (_to, signal) => queueMicrotask(() => other.signal(self, signal)),
      });
    });
  const links = Promise.all([open(near, SMALLER, far), open(far, GREATER, near)]);
  near.dial(GREATER);
  const [nearLink, farLink] = await links;
  return {
    near: nearLink,
    far: farLink,
    queueBoundBytes: 256 * 1024 + MAX_MESSAGE_BYTES,
    close: () => {
      near.close();
      far.close();
    },
  };
}

describeDialer('SimplePeerDialer on real WebRTC', {
  create: (self, ownClock) => new SimplePeerDialer({ self, clock: ownClock, wrtc }),
  clock,
  pastTimeoutMs: CONNECT_TIMEOUT_MS + 1,
});
describePeerLink('SimplePeerLink on real WebRTC', openPair);

describe('SimplePeerDialer', () => {
  it('takes no signal of an attempt that was given up', async () => {
    const dialer = new SimplePeerDialer({ self: SMALLER, clock, wrtc });
    const said: string[] = [];
    let firstSaid: (() => void) | undefined;
    const offered = new Promise<void>((resolve) => (firstSaid = resolve));
    const failed: string[] = [];
    dialer.listen({
      accepts: () => true,
      onLink: () => undefined,
      onFailed: (peer) => failed.push(peer),
      onSignal: (_to, signal) => {
        said.push(signal);
        firstSaid?.();
      },
    });
    dialer.dial(GREATER);
    await offered;
    const { session } = JSON.parse(said[0]!) as { session: string };
    dialer.signal(GREATER, JSON.stringify({ session: '00000000deadbeef', data: { type: 'refused' } }));
    expect(dialer.dialing).toBe(1);
    dialer.signal(GREATER, JSON.stringify({ session, data: { type: 'refused' } }));
    expect(dialer.dialing).toBe(0);
    expect(failed).toEqual([GREATER]);
    dialer.close();
  });

  it('answers while its own dials wait at the gate, even for the same peer', async () => {
    const gate = { enter: () => () => undefined }; // Never opens.
    const near = new SimplePeerDialer({ self: GREATER, clock, wrtc, gate });
    const far = new SimplePeerDialer({ self: SMALLER, clock, wrtc });
    const listen = (dialer: SimplePeerDialer, self: typeof SMALLER, other: SimplePeerDialer): Promise<PeerLink> =>
      new Promise((resolve) => {
        const onSignal = (_to: string, signal: string): void => queueMicrotask(() => other.signal(self, signal));
        dialer.listen({ accepts: () => true, onLink: resolve, onFailed: () => undefined, onSignal });
      });
    const links = Promise.all([listen(near, GREATER, far), listen(far, SMALLER, near)]);
    near.dial(SMALLER);
    far.dial(GREATER);
    await links;
    near.close();
    far.close();
  });

  it('fails every dial, later and not at once, where there is no WebRTC', async () => {
    const dialer = new SimplePeerDialer({ self: SMALLER, clock });
    const failed: string[] = [];
    dialer.listen({ accepts: () => true, onLink: () => undefined, onFailed: (peer) => failed.push(peer), onSignal: () => undefined });
    expect(dialer.isAvailable).toBe(false);
    dialer.dial(GREATER);
    expect(failed).toEqual([]);
    await Promise.resolve();
    expect(failed).toEqual([GREATER]);
    dialer.close();
  });
});
