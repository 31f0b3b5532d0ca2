/** What every PeerLink keeps to, told to adapters and fakes alike. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_MESSAGE_BYTES } from '#protocol/limits';
import type { LinkEnd, PeerLink } from '../ports.ts';

export interface LinkPair {
  readonly near: PeerLink;
  readonly far: PeerLink;
  /** Most a congested link may hold when its user stops at `isCongested`, bytes. */
  readonly queueBoundBytes: number;
  close(): void;
}

const message = (length: number, first: number): Uint8Array => new Uint8Array(length).fill(first & 0xff);

/** Resolves when `count` messages have arrived. */
const receive = (link: PeerLink, count: number): Promise<Uint8Array[]> =>
  new Promise((resolve) => {
    const messages: Uint8Array[] = [];
    link.onMessage((bytes) => {
      messages.push(bytes);
      if (messages.length === count) resolve(messages);
    });
  });

const end = (link: PeerLink): Promise<LinkEnd> => new Promise((resolve) => link.onEnd(resolve));

export function describePeerLink(name: string, open: () => Promise<LinkPair>): void {
  describe(`${name} keeps the contract of PeerLink`, () => {
    let pair: LinkPair;
    beforeEach(async () => {
      pair = await open();
    });
    afterEach(() => pair.close());

    it('delivers messages whole, in order and as plain Uint8Array', async () => {
      const lengths = [1, 2, 1000, MAX_MESSAGE_BYTES, 3];
      const arrived = receive(pair.far, lengths.length);
      for (const [order, length] of lengths.entries()) pair.near.send(message(length, order));
      for (const [order, bytes] of (await arrived).entries()) {
        expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
        expect(bytes).toEqual(message(lengths[order]!, order));
      }
    });

    it('keeps messages that arrive before a listener is set', async () => {
      // The answer to the second message proves that the first has arrived.
      const echoed = receive(pair.near, 1);
      pair.near.send(message(4, 1));
      pair.near.send(message(4, 2));
      pair.far.send(message(4, 3));
      await echoed;
      expect((await receive(pair.far, 2)).map((bytes) => bytes[0])).toEqual([1, 2]);
    });

    it('carries 50 MB with a bounded queue when its user stops at isCongested', { timeout: 60_000 }, async () => {
      const count = Math.ceil(50e6 / MAX_MESSAGE_BYTES);
      const arrived = new Promise<number>((resolve) => {
        let bytes = 0;
        let messages = 0;
        pair.far.onMessage((received) => {
          bytes += received.length;
          if (++messages === count) resolve(bytes);
        });
      });
      let sent = 0;
      let most = 0;
      let wasCongested = false;
      const fill = (): void => {
        while (sent < count && !pair.near.isCongested) {
          pair.near.send(message(MAX_MESSAGE_BYTES, sent++));
          most = Math.max(most, pair.near.bufferedBytes);
        }
        wasCongested ||= pair.near.isCongested;
      };
      pair.near.onDrained(fill);
      fill();
      expect(await arrived).toBe(count * MAX_MESSAGE_BYTES);
      expect(wasCongested).toBe(true);
      expect(most).toBeLessThanOrEqual(pair.queueBoundBytes);
    });

    it('tells its end once: closedHere on this side, closedByPeer on the other', async () => {
      const ends: LinkEnd[] = [];
      const far = end(pair.far);
      const near = new Promise<void>((resolve) => {
        pair.near.onEnd((reason) => {
          ends.push(reason);
          resolve();
        });
      });
      pair.near.close();
      expect(ends, 'not from inside close()').toEqual([]);
      pair.near.close();
      expect(await far).toBe('closedByPeer');
      await near;
      expect(ends).toEqual(['closedHere']);
    });

    it('tells a listener that is set after the end', async () => {
      const far = end(pair.far);
      pair.near.close();
      await far;
      expect(await end(pair.near)).toBe('closedHere');
    });

    it('sends what is queued before it closes', async () => {
      const arrived = receive(pair.far, 1);
      pair.near.send(message(10, 7));
      pair.near.close();
      expect((await arrived)[0]?.[0]).toBe(7);
    });

    it('does nothing when asked to send after its end', async () => {
      const far = end(pair.far);
      pair.near.close();
      await far;
      for (const link of [pair.near, pair.far]) {
        link.send(message(10, 1));
        expect(link.bufferedBytes).toBe(0);
        expect(link.isCongested).toBe(false);
      }
    });
  });
}
