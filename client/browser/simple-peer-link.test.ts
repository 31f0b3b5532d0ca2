import { describe, expect, it } from 'vitest';
import { GREATER, StillClock } from '#engine/testing/dialer.contract';
import type { LinkEnd } from '#engine/ports';
import { MAX_MESSAGE_BYTES } from '#protocol/limits';
import { HIGH_WATER_BYTES, LOW_WATER_BYTES, SimplePeerLink, type DataChannel } from './simple-peer-link.ts';

/** A channel whose queue moves only when told to. */
class StillChannel implements DataChannel {
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readyState = 'open';
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  readonly sent: Uint8Array[] = [];
  isFull = false;
  closes = 0;
  #onLow: (() => void) | null = null;

  // On the prototype, as a browser's: the link then needs no polling.
  get onbufferedamountlow(): (() => void) | null {
    return this.#onLow;
  }

  set onbufferedamountlow(run: (() => void) | null) {
    this.#onLow = run;
  }

  send(bytes: Uint8Array): void {
    if (this.isFull) throw new DOMException('queue is full', 'OperationError');
    this.sent.push(bytes);
    this.bufferedAmount += bytes.length;
  }

  close(): void {
    this.closes++;
  }

  drainTo(bytes: number): void {
    const wasAbove = this.bufferedAmount > this.bufferedAmountLowThreshold;
    this.bufferedAmount = bytes;
    if (wasAbove && bytes <= this.bufferedAmountLowThreshold) this.#onLow?.();
  }
}

function create() {
  const channel = new StillChannel();
  const clock = new StillClock();
  let destroyed = 0;
  const link = new SimplePeerLink({ remote: GREATER, channel, clock, destroy: () => destroyed++ });
  return { channel, clock, link, destroyed: () => destroyed };
}

const piece = (): Uint8Array => new Uint8Array(MAX_MESSAGE_BYTES);

describe('SimplePeerLink', () => {
  it('is congested above the high-water mark until it falls below the low one', () => {
    const { channel, link } = create();
    let drained = 0;
    link.onDrained(() => drained++);
    while (!link.isCongested) link.send(piece());
    expect(channel.bufferedAmount).toBeGreaterThan(HIGH_WATER_BYTES);
    expect(channel.bufferedAmount - MAX_MESSAGE_BYTES).toBeLessThanOrEqual(HIGH_WATER_BYTES);
    channel.drainTo(LOW_WATER_BYTES + 1);
    expect([link.isCongested, drained]).toEqual([true, 0]);
    channel.drainTo(LOW_WATER_BYTES);
    expect([link.isCongested, drained]).toEqual([false, 1]);
  });

  it('keeps what a full channel refuses, in order, and sends it when there is room', () => {
    const { channel, link } = create();
    link.send(Uint8Array.of(1));
    channel.bufferedAmount = HIGH_WATER_BYTES + 1;
    channel.isFull = true;
    link.send(Uint8Array.of(2));
    channel.isFull = false;
    link.send(Uint8Array.of(3));
    expect(channel.sent.map((bytes) => bytes[0])).toEqual([1]);
    channel.drainTo(0);
    expect(channel.sent.map((bytes) => bytes[0])).toEqual([1, 2, 3]);
  });

  it('gives a remote up that takes nothing, instead of queueing without bound', async () => {
    const { channel, link, destroyed } = create();
    const end = new Promise<LinkEnd>((resolve) => link.onEnd(resolve));
    channel.isFull = true;
    for (let sent = 0; sent < 1000; sent++) link.send(piece());
    expect(await end).toBe('failed');
    expect(destroyed()).toBe(1);
    expect(link.bufferedBytes).toBe(0);
  });

  it('gives a remote up that floods it before anybody listens', async () => {
    const { channel, link } = create();
    const end = new Promise<LinkEnd>((resolve) => link.onEnd(resolve));
    for (let arrived = 0; arrived < 1000; arrived++) channel.onmessage?.({ data: new ArrayBuffer(MAX_MESSAGE_BYTES) });
    expect(await end).toBe('failed');
  });

  it.each([['text', 'hello'], ['a message that is too long', new ArrayBuffer(MAX_MESSAGE_BYTES + 1)]])('ends on %s', async (_what, data) => {
    const { channel, link } = create();
    const end = new Promise<LinkEnd>((resolve) => link.onEnd(resolve));
    channel.onmessage?.({ data });
    expect(await end).toBe('failed');
  });

  it('hands bytes over without copying them', () => {
    const { channel, link } = create();
    const data = new ArrayBuffer(8);
    const heard: Uint8Array[] = [];
    link.onMessage((bytes) => heard.push(bytes));
    return Promise.resolve().then(() => {
      channel.onmessage?.({ data });
      expect(heard[0]?.buffer).toBe(data);
    });
  });

  it('polls where the channel cannot tell that it has drained', () => {
    const clock = new StillClock();
    const channel: DataChannel = {
      bufferedAmount: 0, bufferedAmountLowThreshold: 0, readyState: 'open', onmessage: null, onbufferedamountlow: null,
      send: () => undefined, close: () => undefined,
    };
    const link = new SimplePeerLink({ remote: GREATER, channel, clock, destroy: () => undefined });
    let drained = 0;
    link.onDrained(() => drained++);
    Object.assign(channel, { bufferedAmount: HIGH_WATER_BYTES + 1 });
    link.send(Uint8Array.of(1));
    Object.assign(channel, { bufferedAmount: LOW_WATER_BYTES + 1 });
    clock.move(10);
    expect(drained).toBe(0);
    Object.assign(channel, { bufferedAmount: LOW_WATER_BYTES });
    clock.move(10);
    expect([drained, link.isCongested]).toEqual([1, false]);
  });

  it('lets a closed channel send what it holds, and tears it down if that takes too long', () => {
    const { channel, clock, link, destroyed } = create();
    link.send(Uint8Array.of(1));
    link.close();
    expect([channel.closes, destroyed()]).toEqual([1, 0]);
    clock.move(5_000);
    expect(destroyed()).toBe(1);
  });
});
