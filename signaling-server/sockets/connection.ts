/**
 * One socket as the tracker sees it: its channels, its allowances, and the parts of engine.io underneath that socket.io
 * does not show (what waits to be sent, whether the other end still answers).
 */
import type { Socket } from 'socket.io';
import type { ChannelId, PeerId } from '#protocol/ids';
import type { MemberEvents, TrackerEvents } from '#protocol/tracker-events';
import type { WallClock } from '#server/tracker/ports';
import type { Rate, SocketSettings } from './socket-settings.ts';
import { TokenBucket } from './token-bucket.ts';

export type TrackerSocket = Socket<TrackerEvents, MemberEvents>;
export type TrackerEventName = keyof TrackerEvents;

/** The internals used here; all are public properties of engine.io 6 in JavaScript. */
interface Engine {
  readonly writeBuffer: readonly { readonly data?: unknown }[];
  readonly transport: { readonly socket?: { readonly bufferedAmount: number; terminate(): void }; send(packets: readonly { type: 'ping' }[]): void };
  once(event: 'packet', listener: () => void): void;
  off(event: 'packet', listener: () => void): void;
}

export class Connection {
  readonly socket: TrackerSocket;
  readonly address: string;
  /** Under which id it is in which channel. */
  readonly memberships = new Map<ChannelId, PeerId>();
  readonly #settings: SocketSettings;
  readonly #buckets: Readonly<Record<TrackerEventName, TokenBucket>>;
  readonly #offences: TokenBucket;

  constructor(socket: TrackerSocket, settings: SocketSettings, nowMs: number) {
    const bucket = (rate: Rate): TokenBucket => new TokenBucket(rate, nowMs);
    this.socket = socket;
    this.address = socket.handshake.address;
    this.#settings = settings;
    this.#buckets = {
      join: bucket(settings.joinRate),
      candidates: bucket(settings.candidatesRate),
      signal: bucket(settings.signalRate),
      report: bucket(settings.reportRate),
      leave: bucket(settings.leaveRate),
    };
    this.#offences = bucket(settings.offences);
  }

  mayDo(event: TrackerEventName, nowMs: number): boolean {
    return this.#buckets[event].take(nowMs);
  }

  /** @returns whether the socket has been patient enough with us to stay. */
  forgiven(nowMs: number): boolean {
    return this.#offences.take(nowMs);
  }

  /** Whether more waits for this client than its share: it does not read, or far too slowly. */
  get isOverdue(): boolean {
    const { writeBuffer, transport } = this.#engine;
    if (writeBuffer.length > this.#settings.maxBacklogPackets) return true;
    let bytes = transport.socket?.bufferedAmount ?? 0;
    for (const { data } of writeBuffer) bytes += typeof data === 'string' || data instanceof Uint8Array ? data.length : 0;
    return bytes > this.#settings.maxBacklogBytes;
  }

  /** Ends the connection at once and drops what waits for it; the client may come back. */
  cut(): void {
    this.#engine.transport.socket?.terminate();
    this.socket.conn.close(true);
  }

  /** Whether the other end answers now. Calls back once, at the latest after the probe timeout. */
  probe(clock: WallClock, done: (isAlive: boolean) => void): void {
    const answered = (): void => finish(true);
    const cancel = clock.after(this.#settings.probeTimeoutMs, () => finish(false));
    const finish = (isAlive: boolean): void => {
      cancel();
      this.#engine.off('packet', answered);
      this.socket.off('disconnect', ended);
      done(isAlive);
    };
    const ended = (): void => finish(false);
    this.#engine.once('packet', answered);
    this.socket.once('disconnect', ended);
    this.#engine.transport.send([{ type: 'ping' }]);
  }

  get #engine(): Engine {
    return this.socket.conn as unknown as Engine;
  }
}
