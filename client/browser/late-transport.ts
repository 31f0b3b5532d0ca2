/**
 * Tracker and dialer of a page whose transport code (socket.io, simple-peer) is still to come. The first frame needs
 * neither, and a visit without peers never does: they are loaded when the engine first wants to join, and what was asked
 * of them until then is passed on.
 */
import type { Dialer, DialerListener, Tracker } from '#engine/ports';
import type { PeerId } from '#protocol/ids';
import type { SocketTracker } from './socket-tracker.ts';

/** What open-transport.ts brings. */
export interface Transport {
  readonly tracker: Pick<SocketTracker, keyof Tracker | 'reconnectNow' | 'clockOffsetMs' | 'close'>;
  readonly dialer: Dialer;
}

type IceServers = Parameters<Dialer['setIceServers']>[0];

/** Both ports in one life: they arrive together, and are closed together. */
export class LateTransport {
  readonly tracker: Tracker;
  readonly dialer: Dialer;
  readonly #load: () => Promise<Transport>;
  #transport: Transport | undefined;
  #isAsked = false;
  #isClosed = false;
  #joinArguments: Parameters<Tracker['join']> | undefined;
  #listener: DialerListener | undefined;
  #iceServers: IceServers | undefined;

  /** @param load called once at most. When it fails the page plays on without peers. */
  constructor(load: () => Promise<Transport>) {
    this.#load = load;
    this.tracker = this.#makeTracker();
    this.dialer = this.#makeDialer();
  }

  /** Milliseconds to add to this machine's wall clock to have the tracker's; null before the first join. */
  get clockOffsetMs(): number | null {
    return this.#transport?.tracker.clockOffsetMs ?? null;
  }

  reconnectNow(): void {
    this.#transport?.tracker.reconnectNow();
  }

  /** Idempotent; what arrives afterwards is closed at once. */
  close(): void {
    this.#isClosed = true;
    this.#joinArguments = undefined;
    this.#transport?.dialer.close();
    this.#transport?.tracker.close();
  }

  #want(): void {
    if (this.#isAsked || this.#isClosed) return;
    this.#isAsked = true;
    this.#load().then((transport) => this.#arrived(transport), () => undefined); // Not loaded: as without WebRTC, the seeder brings all.
  }

  #arrived(transport: Transport): void {
    const { tracker, dialer } = transport;
    if (this.#isClosed) {
      dialer.close();
      tracker.close();
      return;
    }
    this.#transport = transport;
    if (this.#listener !== undefined) dialer.listen(this.#listener);
    if (this.#iceServers !== undefined) dialer.setIceServers(this.#iceServers);
    if (this.#joinArguments !== undefined) tracker.join(...this.#joinArguments);
  }

  #makeTracker(): Tracker {
    const real = (): Tracker | undefined => this.#transport?.tracker;
    return {
      join: (...join) => {
        this.#joinArguments = join;
        this.#want();
        real()?.join(...join);
      },
      // Nobody is introduced, signalled or reported to before a join, and a join waits for the transport.
      moreCandidates: (known, done) => real()?.moreCandidates(known, done),
      get isConnected() {
        return real()?.isConnected ?? false;
      },
      signal: (to, signal) => real()?.signal(to, signal),
      report: (report) => real()?.report(report),
      leave: () => {
        this.#joinArguments = undefined;
        real()?.leave();
      },
    };
  }

  #makeDialer(): Dialer {
    const real = (): Dialer | undefined => this.#transport?.dialer;
    return {
      dial: (peer: PeerId) => real()?.dial(peer),
      signal: (from, signal) => real()?.signal(from, signal),
      setIceServers: (servers) => {
        this.#iceServers = servers;
        real()?.setIceServers(servers);
      },
      listen: (listener) => {
        this.#listener = listener;
        real()?.listen(listener);
      },
      get dialing() {
        return real()?.dialing ?? 0;
      },
      get isAvailable() {
        return real()?.isAvailable ?? 'RTCPeerConnection' in globalThis;
      },
      hangUp: () => real()?.hangUp(),
      close: () => this.close(),
    };
  }
}

