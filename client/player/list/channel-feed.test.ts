// The list refreshes itself, keeps what it has when the server is away, and leaves nothing running when stopped.
import type { ChannelListing } from '#protocol/paths';
import { describe, expect, it } from 'vitest';
import { createChannelFeed } from './channel-feed.ts';

const SOME = [{ title: 'One' }] as unknown as readonly ChannelListing[];

/** A feed whose clock and answers the test holds. */
function heldFeed() {
  const timers: { ms: number; action: () => void }[] = [];
  const asked: { answer: (channels: readonly ChannelListing[]) => void; refuse: () => void }[] = [];
  const feed = createChannelFeed({
    load: () => new Promise((answer, reject) => asked.push({ answer, refuse: () => reject(new Error('away')) })),
    after: (ms, action) => {
      const timer = { ms, action };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { feed, timers, asked, settle, fire: () => timers.shift()?.action() };
}

describe('channel feed', () => {
  it('asks again after an answer', async () => {
    const { feed, timers, asked, settle, fire } = heldFeed();
    feed.start();
    feed.start();
    expect(asked).toHaveLength(1);
    asked[0]!.answer(SOME);
    await settle();
    expect(feed.getSnapshot()).toEqual({ channels: SOME, isFailing: false });
    expect(timers).toHaveLength(1);
    fire();
    expect(asked).toHaveLength(2);
  });

  it('keeps its list and waits longer each time while the server is away, then recovers', async () => {
    const { feed, timers, asked, settle, fire } = heldFeed();
    feed.start();
    asked[0]!.answer(SOME);
    await settle();
    const pauses: number[] = [];
    for (let at = 1; at <= 6; at++) {
      fire();
      asked[at]!.refuse();
      await settle();
      expect(feed.getSnapshot()).toEqual({ channels: SOME, isFailing: true });
      pauses.push(timers[0]!.ms);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    fire();
    asked[7]!.answer([]);
    await settle();
    expect(feed.getSnapshot()).toEqual({ channels: [], isFailing: false });
  });

  it('says nothing more once stopped, whatever is still under way', async () => {
    const { feed, timers, asked, settle } = heldFeed();
    let told = 0;
    feed.subscribe(() => told++);
    feed.start();
    feed.stop();
    asked[0]!.answer(SOME);
    await settle();
    expect([told, timers.length]).toEqual([0, 0]);
  });

  it('does not mix an answer to an earlier run into a later one', async () => {
    const { feed, timers, asked, settle } = heldFeed();
    feed.start();
    feed.stop();
    feed.start();
    asked[0]!.answer([]);
    await settle();
    expect(feed.getSnapshot().channels).toBeNull();
    asked[1]!.answer(SOME);
    await settle();
    expect(feed.getSnapshot().channels).toBe(SOME);
    expect(timers).toHaveLength(1);
  });
});
