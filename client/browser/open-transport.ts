/** What late-transport.ts waits for: the code of socket.io and simple-peer comes with this file, and only with it. */
import './zod-in-pages.ts';
import type { Clock } from '#engine/ports';
import type { PeerId } from '#protocol/ids';
import type { Transport } from './late-transport.ts';
import { SimplePeerDialer } from './simple-peer-dialer.ts';
import { SocketTracker } from './socket-tracker.ts';

export interface TransportOptions {
  readonly self: PeerId;
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly wallClockMs: () => number;
  /** A number in [0, 1). */
  readonly chance: () => number;
}

export function openTransport({ self, ...options }: TransportOptions): Transport {
  return { tracker: new SocketTracker(options), dialer: new SimplePeerDialer({ self, clock: options.clock }) };
}
