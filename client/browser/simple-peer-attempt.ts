/**
 * One attempt to connect: a simple-peer, the signals it makes and takes, and the moment its data channel opens. Its
 * private `_pc` and `_channel` (version pinned) are used for what it does not offer: the channel itself for flow
 * control, and its opening, which simple-peer tells only after a round of statistics (see `watchChannel`).
 */
import SimplePeer from 'simple-peer';
import type { Cancel, Clock } from '#engine/ports';
import type { IceCandidate, PeerSignal } from './peer-signal.ts';
import type { DataChannel } from './simple-peer-link.ts';

/** A WebRTC implementation where the host has none of its own: what `@roamhq/wrtc` exports. */
export interface WebRtc {
  readonly RTCPeerConnection: unknown;
  readonly RTCSessionDescription: unknown;
  readonly RTCIceCandidate: unknown;
}

export type IceServers = readonly { readonly urls: string | readonly string[] }[];

/**
 * Candidates that follow the first one are gathered this long, so that a dial is four or five signals and not twenty.
 * The first goes at once: on most paths it is the one that connects.
 */
const GATHER_MS = 15;

interface Channel extends DataChannel {
  addEventListener(type: 'open', run: () => void): void;
}

interface Internals {
  readonly _pc?: { addEventListener(type: 'datachannel', run: (event: { channel: Channel }) => void): void } | null;
  readonly _channel?: Channel | null;
}

export interface AttemptParts {
  readonly initiator: boolean;
  readonly iceServers: IceServers;
  readonly wrtc: WebRtc | undefined;
  readonly clock: Clock;
  readonly onSignal: (data: PeerSignal['data']) => void;
  /** `early`: what arrived before the channel said that it was open, in order. */
  readonly onOpen: (channel: DataChannel, early: readonly unknown[]) => void;
  /** The connection is gone, before or after it opened; called once, unless `destroy` was called first. */
  readonly onClosed: (isFailure: boolean) => void;
}

/** What Chromium and Firefox say when the other side closed its connection in an orderly way. */
const ORDERLY = /user-initiated abort|close called/i;

export class SimplePeerAttempt {
  readonly #peer: SimplePeer.Instance;
  readonly #parts: AttemptParts;
  #candidates: IceCandidate[] = [];
  #stopGathering: Cancel | undefined;
  #failure: Error | undefined;
  #isOver = false;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
    // Whole entries: a TURN server's also name a user and a credential.
    const config = { iceServers: parts.iceServers.map((server) => ({ ...server, urls: [server.urls].flat() })) };
    this.#peer = new SimplePeer({
      initiator: parts.initiator,
      objectMode: true,
      trickle: true,
      config,
      ...(parts.wrtc === undefined ? {} : { wrtc: parts.wrtc as NonNullable<SimplePeer.Options['wrtc']> }),
    });
    this.#peer.on('signal', (data) => this.#sendSignal(data));
    this.#peer.on('error', (error) => (this.#failure = error));
    this.#peer.on('close', () => this.#closed());
    this.#watchChannel();
  }

  /** Hands over the other side's part; anything after the end of the attempt is ignored. */
  take(data: PeerSignal['data']): void {
    if (this.#isOver || data.type === 'refused') return;
    try {
      if (data.type === 'candidates') {
        for (const candidate of data.candidates) this.#peer.signal({ type: 'candidate', candidate: candidate as RTCIceCandidate });
      } else {
        this.#peer.signal(data);
      }
    } catch (cause) {
      // RTCIceCandidate's constructor throws on nonsense; without that candidate the attempt may still succeed.
      this.#failure = cause instanceof Error ? cause : new Error(String(cause));
    }
  }

  /** Tears everything down at once; `onClosed` is not called. Idempotent. */
  destroy(): void {
    this.#end();
    this.#peer.destroy();
  }

  #end(): void {
    this.#isOver = true;
    this.#stopGathering?.();
    this.#candidates = [];
  }

  #closed(): void {
    if (this.#isOver) return;
    this.#end();
    const failure = this.#failure;
    this.#parts.onClosed(failure !== undefined && !ORDERLY.test(failure.message));
  }

  /**
   * Tells of the open channel when the channel does. simple-peer's own `connect` waits for getStats, and for another
   * 100 ms whenever those do not name the selected candidate pair yet.
   */
  #watchChannel(): void {
    const { _pc: connection, _channel: channel } = this.#peer as unknown as Internals;
    if (this.#parts.initiator) {
      if (channel) this.#await(channel);
      return;
    }
    connection?.addEventListener('datachannel', ({ channel: incoming }) => {
      // After simple-peer's own handler has set its callbacks on the channel, whichever of us the host calls first.
      queueMicrotask(() => this.#await(incoming));
    });
  }

  /** Messages are ours from the start: the other side's greeting may arrive before a busy page hears that it is open. */
  #await(channel: Channel): void {
    const early: unknown[] = [];
    channel.onmessage = ({ data }) => void early.push(data);
    if (channel.readyState === 'open') this.#opened(channel, early);
    else channel.addEventListener('open', () => this.#opened(channel, early));
  }

  #opened(channel: DataChannel, early: readonly unknown[]): void {
    if (this.#isOver) return;
    this.#failure = undefined;
    this.#parts.onOpen(channel, early);
  }

  #sendSignal(data: SimplePeer.SignalData): void {
    if (this.#isOver) return;
    if (data.type === 'candidate') {
      this.#gather(data.candidate);
    } else if ((data.type === 'offer' || data.type === 'answer') && data.sdp !== undefined) {
      this.#parts.onSignal({ type: data.type, sdp: data.sdp });
    }
  }

  #gather({ candidate, sdpMLineIndex, sdpMid }: RTCIceCandidate): void {
    // Browsers only dial TCP, they never listen: candidates of that kind cannot meet.
    if (candidate === '' || / tcptype active/.test(candidate)) return;
    this.#candidates.push({ candidate, sdpMLineIndex, sdpMid });
    if (this.#stopGathering === undefined) this.#flushCandidates();
  }

  #flushCandidates(): void {
    this.#stopGathering = undefined;
    if (this.#candidates.length === 0) return;
    this.#parts.onSignal({ type: 'candidates', candidates: this.#candidates });
    this.#candidates = [];
    this.#stopGathering = this.#parts.clock.after(GATHER_MS, () => this.#flushCandidates());
  }
}
