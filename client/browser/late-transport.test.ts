import { describe, expect, it } from 'vitest';
import type { Dialer, Tracker } from '#engine/ports';
import type { ChannelId, PeerId } from '#protocol/ids';
import { LateTransport, type Transport } from './late-transport.ts';

type Join = Parameters<Tracker['join']>;
const JOIN = ['channel' as ChannelId, 'peer' as PeerId, () => ({ mediaMs: 0, uploads: true, links: 0, maxLinks: 8 }), {}] as unknown as Join;

/** A transport that arrives when told to, and writes down what is asked of it. */
class Arrival {
  readonly calls: string[] = [];
  loads = 0;
  #resolve: (transport: Transport) => void = () => undefined;

  readonly load = (): Promise<Transport> => {
    this.loads++;
    return new Promise((resolve) => (this.#resolve = resolve));
  };

  async arrive(): Promise<void> {
    const note = (name: string) => (): void => void this.calls.push(name);
    const tracker = {
      join: (...join: Join) => this.calls.push(`join ${join[0]}`),
      leave: note('leave'),
      close: note('tracker closed'),
      isConnected: true,
      clockOffsetMs: 7,
    } as unknown as Transport['tracker'];
    const dialer = { listen: note('listen'), setIceServers: note('ice'), close: note('dialer closed'), dialing: 2, isAvailable: true } as unknown as Dialer;
    this.#resolve({ tracker, dialer });
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe('a transport that comes late', () => {
  it('is not loaded before the engine wants to join, and once only', () => {
    const arrival = new Arrival();
    const late = new LateTransport(arrival.load);
    late.dialer.listen({} as never);
    expect(arrival.loads).toBe(0);
    late.tracker.join(...JOIN);
    late.tracker.join(...JOIN);
    expect(arrival.loads).toBe(1);
  });

  it('gets what was said before it came, in the order it needs', async () => {
    const arrival = new Arrival();
    const late = new LateTransport(arrival.load);
    late.dialer.listen({} as never);
    late.dialer.setIceServers([]);
    late.tracker.join(...JOIN);
    expect(late.tracker.isConnected).toBe(false);
    expect(late.dialer.dialing).toBe(0);
    await arrival.arrive();
    expect(arrival.calls).toEqual(['listen', 'ice', 'join channel']);
    expect([late.tracker.isConnected, late.dialer.dialing, late.clockOffsetMs]).toEqual([true, 2, 7]);
  });

  it('does not join a swarm that was left meanwhile', async () => {
    const arrival = new Arrival();
    const late = new LateTransport(arrival.load);
    late.tracker.join(...JOIN);
    late.tracker.leave();
    await arrival.arrive();
    expect(arrival.calls).toEqual([]);
  });

  it('is closed at once when the page went away meanwhile', async () => {
    const arrival = new Arrival();
    const late = new LateTransport(arrival.load);
    late.tracker.join(...JOIN);
    late.close();
    await arrival.arrive();
    expect(arrival.calls).toEqual(['dialer closed', 'tracker closed']);
  });
});
