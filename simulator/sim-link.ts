/**
 * One end of a simulated data channel: reliable, ordered, with the two watermarks of the browser's adapter. A
 * watcher sees what passes, so that the engine's own figures can be held against the bytes themselves.
 */
import type { LinkEnd, PeerLink } from '#engine/ports';
import type { PeerId } from '#protocol/ids';
import type { BufferPool } from './buffer-pool.ts';
import type { Flow, Host, Network } from './network.ts';
import type { PeerClock } from './peer-clock.ts';

/** Queue length, bytes, above which a link is congested and below which it has drained. */
export const HIGH_WATER_BYTES = 256 * 1024;
export const LOW_WATER_BYTES = 64 * 1024;

/** Last message of a link that closes in good order; told apart by being this very object. */
const FIN = new Uint8Array(1);

/** Sees every message of a link at its sender; may replace the bytes, or swallow the message by returning null. */
export type Tamper = (bytes: Uint8Array) => Uint8Array | null;

/** Watches messages as they are sent (`to` will get them) and when they are handed to the receiving engine. */
export interface LinkWatcher {
  onSent(link: SimLink, bytes: Uint8Array): void;
  onReceived(link: SimLink, bytes: Uint8Array): void;
  onEnd(link: SimLink): void;
}

export interface LinkOptions {
  readonly network: Network;
  readonly clock: PeerClock;
  readonly host: Host;
  readonly remoteHost: Host;
  readonly local: PeerId;
  readonly remote: PeerId;
  readonly windowBytes: number;
  readonly tamper: Tamper | undefined;
  readonly watcher: LinkWatcher | undefined;
  /** Where pieces are written, and go back to when they have been read. */
  readonly pool: BufferPool;
  /** Called once, when the link is over on this side. */
  readonly onOver: () => void;
}

export class SimLink implements PeerLink {
  readonly local: PeerId;
  readonly remote: PeerId;
  readonly openedMs: number;
  readonly rttMs: number;
  readonly #options: LinkOptions;
  readonly #flow: Flow;
  #twin: SimLink | undefined;
  #state: 'open' | 'closing' | 'over' = 'open';
  #isCongested = false;
  #isDrainDue = false;
  #waiting: Uint8Array[] = [];
  #onDrained: (() => void) | undefined;
  #onMessage: ((bytes: Uint8Array) => void) | undefined;
  #onEnd: ((end: LinkEnd) => void) | undefined;

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.local = options.local;
    this.remote = options.remote;
    this.openedMs = options.clock.nowMs();
    this.rttMs = 2 * options.network.latencyMs(options.host, options.remoteHost);
    this.#flow = options.network.openFlow(options.host, options.remoteHost, options.windowBytes, {
      onBytes: (bytes) => this.#twin!.onBytes(bytes),
      onSent: () => this.#checkDrained(),
    });
  }

  /** Both ends of a new connection. */
  static pair(here: LinkOptions, there: LinkOptions): [SimLink, SimLink] {
    const a = new SimLink(here);
    const b = new SimLink(there);
    a.#twin = b;
    b.#twin = a;
    return [a, b];
  }

  get bufferedBytes(): number {
    return this.#flow.queuedBytes;
  }

  get isCongested(): boolean {
    return this.#isCongested;
  }

  send(bytes: Uint8Array): void {
    if (this.#state !== 'open') return;
    const { tamper, watcher } = this.#options;
    const shown = tamper ? tamper(bytes) : bytes;
    if (!shown) return;
    watcher?.onSent(this, shown);
    this.#flow.send(shown);
    if (this.#flow.queuedBytes > HIGH_WATER_BYTES) this.#isCongested = true;
  }

  lend(length: number): Uint8Array {
    return this.#options.pool.lend(length);
  }

  onDrained(listener: () => void): void {
    this.#onDrained = listener;
  }

  onMessage(listener: (bytes: Uint8Array) => void): void {
    this.#onMessage = listener;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.onBytes(bytes);
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#onEnd = listener;
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#waiting = [];
    this.#flow.send(FIN);
    const end = this.#onEnd;
    this.#onEnd = undefined;
    this.#options.onOver();
    this.#options.watcher?.onEnd(this);
    if (end) this.#options.clock.after(0, () => end('closedHere'));
  }

  /** From the network: a message of the other side. */
  onBytes(bytes: Uint8Array): void {
    if (bytes === FIN) {
      this.#twin!.#finish();
      this.#endWith('closedByPeer');
      return;
    }
    if (this.#state !== 'open') return;
    if (this.#options.clock.isFrozen) {
      this.#options.clock.after(0, () => this.onBytes(bytes));
      return;
    }
    if (!this.#onMessage) {
      this.#waiting.push(bytes);
      return;
    }
    this.#options.watcher?.onReceived(this, bytes);
    this.#onMessage(bytes);
    this.#options.pool.takeBack(bytes);
  }

  /** The other side has not been heard of for too long. */
  fail(): void {
    this.#endWith('failed');
  }

  /** This side's machine is gone; nobody is told. */
  abandon(): void {
    this.#finish();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  #endWith(end: LinkEnd): void {
    const wasOpen = this.#state === 'open';
    this.#finish();
    if (!wasOpen) return;
    this.#options.onOver();
    this.#options.watcher?.onEnd(this);
    const listener = this.#onEnd;
    this.#onEnd = undefined;
    listener?.(end);
  }

  #finish(): void {
    this.#state = 'over';
    this.#waiting = [];
    this.#flow.close();
  }

  #checkDrained(): void {
    if (!this.#isCongested || this.#isDrainDue || this.#flow.queuedBytes >= LOW_WATER_BYTES) return;
    this.#isDrainDue = true;
    // From an event of its own: this may be inside the engine's call of `send`.
    this.#options.clock.after(0, () => {
      this.#isDrainDue = false;
      if (this.#flow.queuedBytes >= LOW_WATER_BYTES) return;
      this.#isCongested = false;
      if (this.#state === 'open') this.#onDrained?.();
    });
  }
}
