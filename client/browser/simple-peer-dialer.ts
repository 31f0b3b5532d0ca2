/**
 * Dialer on simple-peer, for browsers and, with `wrtc` handed in, for Node. It keeps at most one attempt and one link a
 * peer, resolves glare by the peers' ids, and gives up after a time-out. What arrives as a signal is hostile until it
 * fits: anything else is ignored.
 */
import type { Cancel, Clock, Dialer, DialerListener, LinkEnd } from '#engine/ports';
import type { PeerId } from '#protocol/ids';
import { decodePeerSignal, encodePeerSignal, type PeerSignal } from './peer-signal.ts';
import { randomText } from './random.ts';
import { SimplePeerAttempt, type IceServers, type WebRtc } from './simple-peer-attempt.ts';
import { SimplePeerLink, type DataChannel } from './simple-peer-link.ts';

/** ICE over the internet takes 0.2 to 3 s, with a relay and loss rarely more than 6; later ones are dialled again. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Bounds how many connections a whole process dials together. */
export interface OpeningGate {
  /** Calls `run` when there is room, at once or later. The result cancels or releases, whichever applies. */
  enter(run: () => void): Cancel;
}

export interface SimplePeerDialerOptions {
  readonly self: PeerId;
  readonly clock: Clock;
  readonly wrtc?: WebRtc;
  readonly gate?: OpeningGate;
  readonly connectTimeoutMs?: number;
}

interface Opening {
  readonly session: string;
  readonly isOurs: boolean;
  /** Signals that came while the gate was shut. */
  readonly waiting: PeerSignal['data'][];
  attempt: SimplePeerAttempt | undefined;
  readonly stop: () => void;
}

export class SimplePeerDialer implements Dialer {
  readonly isAvailable: boolean;
  readonly #options: SimplePeerDialerOptions;
  readonly #openings = new Map<PeerId, Opening>();
  readonly #links = new Map<PeerId, { readonly link: SimplePeerLink; readonly attempt: SimplePeerAttempt }>();
  readonly #stopListening: () => void;
  #iceServers: IceServers = [];
  #listener: DialerListener | undefined;
  #isClosed = false;

  constructor(options: SimplePeerDialerOptions) {
    this.#options = options;
    this.isAvailable = options.wrtc !== undefined || 'RTCPeerConnection' in globalThis;
    // A page that goes away tells its neighbours now, instead of leaving them to find out by silence.
    const leave = (): void => this.#closeLinks();
    const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
    page.addEventListener?.('pagehide', leave);
    this.#stopListening = () => page.removeEventListener?.('pagehide', leave);
  }

  get dialing(): number {
    return this.#openings.size;
  }

  listen(listener: DialerListener): void {
    this.#listener = listener;
  }

  setIceServers(servers: IceServers): void {
    this.#iceServers = servers;
  }

  dial(peer: PeerId): void {
    const isKnown = this.#openings.has(peer) || this.#links.get(peer)?.link.isOpen === true;
    if (this.#isClosed || peer === this.#options.self || isKnown) return;
    if (this.isAvailable) this.#open(peer, randomText(8), true);
    else queueMicrotask(() => this.#isClosed || this.#listener?.onFailed(peer));
  }

  signal(from: PeerId, text: string): void {
    if (this.#isClosed || !this.isAvailable || from === this.#options.self) return;
    const signal = decodePeerSignal(text);
    if (signal === undefined) return;
    const { session, data } = signal;
    if (data.type === 'offer') {
      this.#answer(from, session, data);
      return;
    }
    const opening = this.#openings.get(from);
    if (opening?.session === session) {
      if (data.type === 'refused') {
        if (opening.isOurs) this.#giveUp(from, opening);
      } else if (data.type !== 'answer' || opening.isOurs) {
        if (opening.attempt === undefined) opening.waiting.push(data);
        else opening.attempt.take(data);
      }
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.hangUp();
    this.#isClosed = true;
    this.#stopListening();
  }

  hangUp(): void {
    for (const opening of this.#openings.values()) opening.stop();
    this.#openings.clear();
    this.#closeLinks();
  }

  #closeLinks(): void {
    for (const { link } of [...this.#links.values()]) link.close();
  }

  #answer(from: PeerId, session: string, offer: PeerSignal['data']): void {
    const current = this.#openings.get(from);
    if (current?.session === session) return;
    if (current?.isOurs === true) {
      // Glare: both dialled. The greater id's attempt goes on, so that both sides decide alike without another word. One
      // that still waits at the gate has said nothing yet and gives way.
      if (current.attempt !== undefined && this.#options.self > from) return;
    } else if (!(this.#listener?.accepts(from) ?? false)) {
      queueMicrotask(() => this.#signal(from, { session, data: { type: 'refused' } }));
      return;
    }
    current?.stop(); // Ours, given up for theirs; or theirs, which they have given up for this one.
    this.#open(from, session, false, offer);
  }

  #open(peer: PeerId, session: string, isOurs: boolean, offer?: PeerSignal['data']): void {
    const { clock, gate, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    let stopTimer: Cancel | undefined;
    let leaveGate: Cancel | undefined;
    const opening: Opening = {
      session,
      isOurs,
      waiting: offer === undefined ? [] : [offer],
      attempt: undefined,
      stop: () => {
        stopTimer?.();
        leaveGate?.();
        opening.attempt?.destroy();
      },
    };
    this.#openings.set(peer, opening);
    const begin = (): void => {
      stopTimer = clock.after(connectTimeoutMs, () => this.#giveUp(peer, opening));
      const attempt = this.#createAttempt(peer, opening, () => {
        stopTimer?.();
        leaveGate?.();
      });
      opening.attempt = attempt;
      for (const data of opening.waiting.splice(0)) attempt.take(data);
    };
    // Answers never wait: with both ends in one process, dials inside the gate would wait for answers outside it.
    if (gate === undefined || !isOurs) begin();
    else leaveGate = gate.enter(begin);
  }

  #createAttempt(peer: PeerId, opening: Opening, release: () => void): SimplePeerAttempt {
    const attempt: SimplePeerAttempt = new SimplePeerAttempt({
      initiator: opening.isOurs,
      iceServers: this.#iceServers,
      wrtc: this.#options.wrtc,
      clock: this.#options.clock,
      onSignal: (data) => this.#signal(peer, { session: opening.session, data }),
      onOpen: (channel, early) => {
        release();
        this.#openings.delete(peer);
        this.#hand(peer, channel, early, attempt);
      },
      onClosed: (isFailure) => {
        if (this.#openings.get(peer) === opening) this.#giveUp(peer, opening);
        else this.#ended(peer, attempt, isFailure ? 'failed' : 'closedByPeer');
      },
    });
    return attempt;
  }

  #hand(peer: PeerId, channel: DataChannel, early: readonly unknown[], attempt: SimplePeerAttempt): void {
    // The remote dialled anew because it believes the old link dead; two links to one peer would be one too many.
    const old = this.#links.get(peer);
    if (old !== undefined) {
      this.#ended(peer, old.attempt, 'failed');
      old.attempt.destroy();
    }
    const link = new SimplePeerLink({
      remote: peer,
      channel,
      early,
      clock: this.#options.clock,
      destroy: () => {
        attempt.destroy();
        this.#forget(peer, attempt);
      },
    });
    this.#links.set(peer, { link, attempt });
    this.#listener?.onLink(link);
  }

  #ended(peer: PeerId, attempt: SimplePeerAttempt, end: LinkEnd): void {
    const current = this.#links.get(peer);
    if (current?.attempt !== attempt) return;
    this.#links.delete(peer);
    current.link.finish(end);
  }

  #forget(peer: PeerId, attempt: SimplePeerAttempt): void {
    if (this.#links.get(peer)?.attempt === attempt) this.#links.delete(peer);
  }

  #giveUp(peer: PeerId, opening: Opening): void {
    opening.stop();
    if (this.#openings.get(peer) !== opening) return;
    this.#openings.delete(peer);
    if (!this.#isClosed) this.#listener?.onFailed(peer);
  }

  #signal(to: PeerId, signal: PeerSignal): void {
    const text = this.#isClosed ? undefined : encodePeerSignal(signal);
    if (text !== undefined) this.#listener?.onSignal(to, text);
  }
}
