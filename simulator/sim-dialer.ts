/**
 * Connects simulated peers the way browsers do it: an offer and an answer travel as signals through whatever the engine
 * sends them by, then come three round trips (ICE checks, DTLS, SCTP), then both sides get their link. Pairs whose NATs
 * do not let them meet, and dials whose signals get lost, fail after a while.
 */
import type { Cancel, Dialer, DialerListener } from '#engine/ports';
import type { PeerId } from '#protocol/ids';
import type { BufferPool } from './buffer-pool.ts';
import type { Host, Network } from './network.ts';
import type { PeerClock } from './peer-clock.ts';
import { SimLink, type LinkOptions, type LinkWatcher, type Tamper } from './sim-link.ts';

export interface DialerOptions {
  readonly network: Network;
  /** Buffers of messages. */
  readonly pool: BufferPool;
  /** Bytes under way in one direction of a link: what bounds a data channel on a long path. */
  readonly windowBytes: number;
  /** Work of both browsers on offer, answer and certificates, ms. */
  readonly setUpMs: number;
  /** Until a dial without success is given up, ms; browsers take 10 to 30 s. */
  readonly dialTimeoutMs: number;
  /** Until ICE notices that the other side is gone, ms. */
  readonly silenceMs: number;
}

/** Round trips between answer and open channel: ICE check 1, DTLS 1.2 2, SCTP and DCEP ride on the last of them: 1. */
const ROUND_TRIPS = 3;

/** Who is where; the two ends of a dial find each other through it, never the engine. */
export type Directory = Map<PeerId, SimDialer>;

interface Dial {
  readonly isOurs: boolean;
  readonly cancelTimeout: Cancel;
}

export class SimDialer implements Dialer {
  readonly id: PeerId;
  readonly host: Host;
  readonly links = new Map<PeerId, SimLink>();
  readonly #clock: PeerClock;
  readonly #options: DialerOptions;
  readonly #directory: Directory;
  readonly #tamper: Tamper | undefined;
  readonly #watcher: LinkWatcher | undefined;
  readonly #dials = new Map<PeerId, Dial>();
  #listener: DialerListener | undefined;
  #isClosed = false;

  constructor(parts: {
    id: PeerId;
    host: Host;
    clock: PeerClock;
    directory: Directory;
    options: DialerOptions;
    tamper?: Tamper | undefined;
    watcher?: LinkWatcher | undefined;
  }) {
    this.id = parts.id;
    this.host = parts.host;
    this.#clock = parts.clock;
    this.#options = parts.options;
    this.#directory = parts.directory;
    this.#tamper = parts.tamper;
    this.#watcher = parts.watcher;
    this.#directory.set(this.id, this);
  }

  get dialing(): number {
    return this.#dials.size;
  }

  get isAvailable(): boolean {
    return this.host.nat !== 'blocked';
  }

  listen(listener: DialerListener): void {
    this.#listener = listener;
  }

  setIceServers(): void {
    // Addresses are found without servers here; who can meet is decided by the NAT classes.
  }

  dial(peer: PeerId): void {
    if (this.#isClosed || peer === this.id || this.links.has(peer) || this.#dials.has(peer)) return;
    this.#begin(peer, true);
    // Gathering candidates takes a moment, and the listener must not be called inside this call.
    this.#clock.after(this.#options.setUpMs / 2, () => {
      if (this.#dials.get(peer)?.isOurs) this.#listener?.onSignal(peer, 'offer');
    });
  }

  hangUp(): void {
    for (const dial of this.#dials.values()) dial.cancelTimeout();
    this.#dials.clear();
    for (const link of [...this.links.values()]) link.close();
  }

  signal(from: PeerId, signal: string): void {
    if (this.#isClosed) return;
    if (signal === 'offer') this.#answer(from);
    else if (signal === 'answer' && this.#dials.get(from)?.isOurs) this.#connect(from);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.hangUp();
    this.#directory.delete(this.id);
  }

  /** The machine is gone: the others notice when ICE does. */
  kill(clock: { after(ms: number, run: () => void): Cancel }): void {
    this.#isClosed = true;
    this.#dials.clear();
    this.#directory.delete(this.id);
    for (const [remote, link] of this.links) {
      const other = this.#directory.get(remote)?.links.get(this.id);
      clock.after(this.#options.silenceMs, () => {
        link.abandon();
        other?.fail();
      });
    }
  }

  #answer(from: PeerId): void {
    const dial = this.#dials.get(from);
    // Both called at once: the offer of the smaller id stands.
    if (dial && (!dial.isOurs || this.id < from)) return;
    if (!dial && (this.links.has(from) || !this.#listener?.accepts(from))) return;
    if (dial) this.#drop(from);
    this.#begin(from, false);
    this.#clock.after(this.#options.setUpMs / 2, () => {
      if (this.#dials.has(from)) this.#listener?.onSignal(from, 'answer');
    });
  }

  #connect(peer: PeerId): void {
    const other = this.#directory.get(peer);
    if (!other || !this.#options.network.canConnect(this.host, other.host)) return; // Both time out.
    const rttMs = 2 * this.#options.network.latencyMs(this.host, other.host);
    this.#clock.after(ROUND_TRIPS * rttMs, () => {
      const isWaiting = this.#dials.has(peer) && other.#dials.has(this.id);
      if (!isWaiting || !other.host.isAlive || other.#isClosed) return;
      this.#drop(peer);
      other.#drop(this.id);
      const [here, there] = SimLink.pair(this.#linkOptions(other), other.#linkOptions(this));
      this.links.set(peer, here);
      other.links.set(this.id, there);
      this.#listener?.onLink(here);
      if (there.isOpen) other.#listener?.onLink(there);
    });
  }

  #linkOptions(other: SimDialer): LinkOptions {
    return {
      network: this.#options.network,
      clock: this.#clock,
      host: this.host,
      remoteHost: other.host,
      local: this.id,
      remote: other.id,
      windowBytes: this.#options.windowBytes,
      tamper: this.#tamper,
      watcher: this.#watcher,
      pool: this.#options.pool,
      onOver: () => this.links.delete(other.id),
    };
  }

  #begin(peer: PeerId, isOurs: boolean): void {
    const cancelTimeout = this.#clock.after(this.#options.dialTimeoutMs, () => {
      this.#dials.delete(peer);
      this.#listener?.onFailed(peer);
    });
    this.#dials.set(peer, { isOurs, cancelTimeout });
  }

  #drop(peer: PeerId): void {
    this.#dials.get(peer)?.cancelTimeout();
    this.#dials.delete(peer);
  }
}
