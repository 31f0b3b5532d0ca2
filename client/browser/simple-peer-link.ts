/**
 * PeerLink on a data channel that simple-peer has opened. simple-peer negotiates; bytes go past its stream straight to
 * and from the RTCDataChannel, because the stream has no useful backpressure and costs a copy and three calls a message.
 * Flow control has two watermarks on `bufferedAmount`; what a full channel refuses waits here, bounded.
 */
import type { Clock, LinkEnd, PeerLink } from '#engine/ports';
import { MAX_MESSAGE_BYTES } from '#protocol/limits';
import type { PeerId } from '#protocol/ids';

/**
 * Above this the link is congested. 256 KiB keeps a 25 MB/s path full (measured: no gain from 1 MiB), while a control
 * message queued behind it waits a quarter of a second on a 1 MB/s uplink, and four times that behind 1 MiB.
 */
export const HIGH_WATER_BYTES = 256 * 1024;
/** Below this a congested link has drained: a quarter leaves the sender time to fill up again before it runs dry. */
export const LOW_WATER_BYTES = HIGH_WATER_BYTES / 4;
/** The channel is given no more than this: browsers close or throw somewhere above 16 MB. */
const CHANNEL_LIMIT_BYTES = 4 * 1024 * 1024;
/** A remote that lets this much wait in our own queue reads nothing, and the link is given up. */
const QUEUE_LIMIT_BYTES = 4 * 1024 * 1024;
/** What may arrive before a listener is set: a greeting and the first availability, with room. */
const EARLY_LIMIT_BYTES = 1024 * 1024;
/** Pause between two looks at the queue where the channel has no `bufferedamountlow` (@roamhq/wrtc). */
const POLL_MS = 2;
/** How long a closed link may take to send what it has queued. */
const LINGER_MS = 1_000;

/** The part of RTCDataChannel that a link uses. */
export interface DataChannel {
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  readonly readyState: string;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onbufferedamountlow: (() => void) | null;
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface LinkParts {
  readonly remote: PeerId;
  readonly channel: DataChannel;
  /** Messages that came before the link was made, in order. */
  readonly early?: readonly unknown[];
  readonly clock: Clock;
  /** Tears the connection down at once. */
  readonly destroy: () => void;
}

export class SimplePeerLink implements PeerLink {
  readonly remote: PeerId;
  readonly #channel: DataChannel;
  readonly #clock: Clock;
  readonly #destroy: () => void;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #isCongested = false;
  #stopPolling: (() => void) | undefined;
  #early: Uint8Array[] | undefined = [];
  #earlyBytes = 0;
  #end: LinkEnd | undefined;
  #drainedListener: (() => void) | undefined;
  #messageListener: ((bytes: Uint8Array) => void) | undefined;
  #endListener: ((end: LinkEnd) => void) | undefined;

  constructor({ remote, channel, early = [], clock, destroy }: LinkParts) {
    this.remote = remote;
    this.#channel = channel;
    this.#clock = clock;
    this.#destroy = destroy;
    channel.onmessage = (event) => this.#receive(event.data);
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    channel.onbufferedamountlow = () => this.#flush();
    for (const data of early) this.#receive(data);
  }

  get bufferedBytes(): number {
    return this.#end === undefined ? this.#channel.bufferedAmount + this.#queuedBytes : 0;
  }

  /** False from the first sign of its end, before the listener is told. */
  get isOpen(): boolean {
    return this.#end === undefined;
  }

  get isCongested(): boolean {
    return this.#isCongested;
  }

  /** Queues one message of at most MAX_MESSAGE_BYTES. @throws RangeError on a longer one: that is our own fault. */
  send(bytes: Uint8Array): void {
    if (bytes.length > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${bytes.length} bytes`);
    if (this.#end !== undefined) return;
    if (this.#queue.length > 0 || !this.#hand(bytes)) {
      this.#queue.push(bytes);
      this.#queuedBytes += bytes.length;
    }
    if (this.#queuedBytes > QUEUE_LIMIT_BYTES) {
      this.finish('failed');
      this.#destroy();
    } else if (!this.#isCongested && this.bufferedBytes > HIGH_WATER_BYTES) {
      this.#isCongested = true;
      this.#watchQueue();
    }
  }

  onDrained(listener: () => void): void {
    this.#drainedListener = listener;
  }

  onMessage(listener: (bytes: Uint8Array) => void): void {
    this.#messageListener = listener;
    if (this.#early !== undefined) queueMicrotask(() => this.#deliverEarly());
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#endListener = listener;
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => this.#tellEnd(end));
  }

  close(): void {
    if (this.#end !== undefined) return;
    for (const bytes of this.#queue.splice(0)) if (!this.#hand(bytes)) break;
    this.finish('closedHere');
    // Closing the channel lets it send what it holds; the connection below it goes when the channel has closed, of which
    // the dialer tells, or when that takes too long.
    this.#channel.close();
    this.#clock.after(LINGER_MS, this.#destroy);
  }

  /** The end of the link, told once and never from inside the call that caused it. Called by the dialer and by itself. */
  finish(end: LinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#channel.onmessage = null;
    this.#channel.onbufferedamountlow = null;
    this.#stopPolling?.();
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#early = undefined;
    this.#isCongested = false;
    queueMicrotask(() => this.#tellEnd(end));
  }

  /** Gives one message to the channel; false when it will not take it now. */
  #hand(bytes: Uint8Array): boolean {
    if (this.#channel.bufferedAmount > CHANNEL_LIMIT_BYTES) return false;
    try {
      this.#channel.send(bytes);
      return true;
    } catch {
      return false; // OperationError: its queue is full; InvalidStateError: it is closing, and the end will be told.
    }
  }

  #flush(): void {
    if (this.#end !== undefined) return;
    while (this.#queue.length > 0 && this.#channel.bufferedAmount <= HIGH_WATER_BYTES && this.#hand(this.#queue[0]!)) {
      this.#queuedBytes -= this.#queue.shift()!.length;
    }
    if (this.#isCongested && this.bufferedBytes <= LOW_WATER_BYTES) {
      this.#isCongested = false;
      this.#stopPolling?.();
      this.#drainedListener?.();
    }
  }

  #watchQueue(): void {
    if ('onbufferedamountlow' in Object.getPrototypeOf(this.#channel)) return;
    const poll = (): void => {
      this.#flush();
      if (this.#isCongested) this.#stopPolling = this.#clock.after(POLL_MS, poll);
    };
    this.#stopPolling = this.#clock.after(POLL_MS, poll);
  }

  #receive(data: unknown): void {
    if (!(data instanceof ArrayBuffer) || data.byteLength > MAX_MESSAGE_BYTES) {
      this.finish('failed'); // Text, or more than any message: not a peer of ours.
      this.#destroy();
      return;
    }
    const bytes = new Uint8Array(data);
    if (this.#early === undefined) {
      this.#messageListener?.(bytes);
      return;
    }
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > EARLY_LIMIT_BYTES) {
      this.finish('failed');
      this.#destroy();
    }
  }

  #deliverEarly(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const bytes of early ?? []) if (this.#end === undefined) this.#messageListener?.(bytes);
  }

  #tellEnd(end: LinkEnd): void {
    const listener = this.#endListener;
    this.#endListener = undefined;
    listener?.(end);
  }
}
