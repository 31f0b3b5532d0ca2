/**
 * Tracker on socket.io-client, websocket transport only, for browsers and Node. It keeps one socket through changes of
 * mode, joins again after every reconnection, and validates whatever arrives; what does not fit is dropped.
 */
import { io, type Socket } from 'socket.io-client';
import { base64ToBytes } from '#protocol/base64';
import type { Cancel, Clock, Joined, Tracker, TrackerListener } from '#engine/ports';
import type { ChannelId, PeerId } from '#protocol/ids';
import { MAX_INTRODUCTIONS, MAX_SIGNAL_CHARS } from '#protocol/limits';
import { decodeLogEntries, type LogEntry } from '#protocol/record';
import {
  forwardedSignalSchema, headSchema, joinReplySchema, moreCandidatesReplySchema, presenceSchema,
  type Candidate, type JoinReply, type MemberEvents, type Position, type Report, type TrackerEvents,
} from '#protocol/tracker-events';

type TrackerSocket = Socket<MemberEvents, TrackerEvents>;

/** An answer later than this is taken as lost. */
const ANSWER_MS = 5_000;
/**
 * Pause before the first, and at most between later attempts to reconnect, each halved or half as long again by chance:
 * a restarted tracker must not meet all its members in one second.
 */
const RECONNECT_MS = 500;
const RECONNECT_MAX_MS = 10_000;
/** Pause before a join that was turned down for the moment (`full`, `tooFast`) or not answered is tried again. */
const REJOIN_MS = 2_000;

export interface SocketTrackerOptions {
  /** Where the server is, `https://host[:port]`. */
  readonly serverUrl: string;
  readonly clock: Clock;
  /** Milliseconds since 1970 by this machine's clock. */
  readonly wallClockMs: () => number;
  /** A number in [0, 1) for the jitter of rejoining. */
  readonly chance: () => number;
}

interface Membership {
  readonly channel: ChannelId;
  readonly peer: PeerId;
  readonly position: () => Position;
  readonly listener: TrackerListener;
}

/** A membership's ticket as it goes into the next join. */
const NO_TICKET = '';

export class SocketTracker implements Tracker {
  readonly #options: SocketTrackerOptions;
  readonly #socket: TrackerSocket;
  #membership: Membership | undefined;
  #isJoined = false;
  #isLossTold = false;
  #ticket = NO_TICKET;
  #stopRejoin: Cancel | undefined;
  #stopReconnect: Cancel | undefined;
  #isClosed = false;
  #clockOffsetMs: number | null = null;

  constructor(options: SocketTrackerOptions) {
    this.#options = options;
    this.#socket = io(options.serverUrl, {
      transports: ['websocket'],
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: RECONNECT_MS,
      reconnectionDelayMax: RECONNECT_MAX_MS,
      randomizationFactor: 0.5,
    });
    this.#socket.on('connect', () => this.#joinNow());
    this.#socket.on('connect_error', () => this.#lost());
    this.#socket.on('disconnect', (reason) => {
      this.#lost();
      // socket.io takes this one for final; a tracker that restarts says it to everybody.
      if (reason === 'io server disconnect') this.#reconnectLater();
    });
    this.#socket.on('signal', (event: unknown) => this.#signalArrived(event));
    this.#socket.on('head', (event: unknown) => this.#headArrived(event));
    this.#socket.on('presence', (event: unknown) => this.#presenceArrived(event));
  }

  /** Opens the socket before there is anything to join: a page does it while it still reads the description. Idempotent. */
  connect(): void {
    if (!this.#isClosed && !this.#socket.active) this.#socket.connect();
  }

  /** Tries again at once instead of waiting out a backoff; for when the host says that the network is back. */
  reconnectNow(): void {
    if (this.#isClosed || this.#socket.connected || !this.#socket.active) return;
    this.#socket.disconnect().connect();
  }

  get isConnected(): boolean {
    return this.#isJoined && this.#socket.connected;
  }

  /** Milliseconds to add to this machine's wall clock to have the tracker's; null before the first join. */
  get clockOffsetMs(): number | null {
    return this.#clockOffsetMs;
  }

  join(channel: ChannelId, peer: PeerId, position: () => Position, listener: TrackerListener): void {
    this.leave();
    this.#membership = { channel, peer, position, listener };
    this.#isLossTold = false;
    if (this.#socket.connected) queueMicrotask(() => this.#joinNow());
    else this.connect();
  }

  moreCandidates(known: readonly PeerId[], done: (candidates: readonly Candidate[], swarmSize: number) => void): void {
    const membership = this.#membership;
    if (membership === undefined || !this.isConnected) return;
    const ask = { channel: membership.channel, position: membership.position(), known: known.slice(0, MAX_INTRODUCTIONS * 4) };
    this.#socket.timeout(ANSWER_MS).emit('candidates', ask, (error: Error | null, reply: unknown) => {
      const parsed = moreCandidatesReplySchema.safeParse(reply);
      if (error !== null || !parsed.success || this.#membership !== membership) return;
      done(parsed.data.candidates, parsed.data.swarmSize);
    });
  }

  signal(to: PeerId, signal: string): void {
    if (this.#membership === undefined || !this.isConnected || signal.length > MAX_SIGNAL_CHARS) return;
    this.#socket.emit('signal', { channel: this.#membership.channel, to, signal });
  }

  report(report: Omit<Report, 'channel'>): void {
    if (this.#membership === undefined || !this.isConnected) return;
    this.#socket.emit('report', { ...report, channel: this.#membership.channel });
  }

  /** Leaves the swarm and keeps the socket, so that joining again costs one message. */
  leave(): void {
    const membership = this.#membership;
    if (membership === undefined) return;
    if (this.isConnected) this.#socket.emit('leave', { channel: membership.channel });
    this.#membership = undefined;
    this.#isJoined = false;
    this.#ticket = NO_TICKET;
    this.#stopRejoin?.();
  }

  /** Leaves and closes the socket; afterwards nothing is called back. Idempotent. */
  close(): void {
    this.leave();
    this.#isClosed = true;
    this.#stopReconnect?.();
    this.#socket.disconnect();
  }

  #joinNow(): void {
    const membership = this.#membership;
    this.#stopRejoin?.();
    if (membership === undefined || !this.#socket.connected) return;
    const { channel, peer, position } = membership;
    const ticket = this.#ticket === NO_TICKET ? {} : { ticket: this.#ticket };
    const askedMs = this.#options.clock.nowMs();
    this.#socket.timeout(ANSWER_MS).emit('join', { channel, peer, position: position(), ...ticket }, (error: Error | null, answer: unknown) => {
      if (this.#membership !== membership) return;
      const reply = joinReplySchema.safeParse(answer);
      if (error !== null || !reply.success) this.#rejoinLater();
      else if (reply.data.ok) this.#joined(membership, reply.data, this.#options.clock.nowMs() - askedMs);
      else if (reply.data.reason === 'full' || reply.data.reason === 'tooFast') this.#rejoinLater();
      else {
        this.#membership = undefined;
        membership.listener.onRefused(reply.data.reason);
      }
    });
  }

  #joined(membership: Membership, reply: Extract<JoinReply, { ok: true }>, roundTripMs: number): void {
    this.#isJoined = true;
    this.#isLossTold = false;
    this.#ticket = reply.ticket;
    this.#clockOffsetMs = reply.trackerMs + roundTripMs / 2 - this.#options.wallClockMs();
    const joined: Joined = {
      candidates: reply.candidates,
      swarmSize: reply.swarmSize,
      iceServers: reply.iceServers.map(({ urls, ...rest }) => ({ ...rest, urls })),
      ticket: decodeBase64(reply.ticket),
      heads: reply.heads.flatMap(decodeEntries),
      clockOffsetMs: this.#clockOffsetMs,
      ...(reply.hosted === undefined ? {} : { hosted: reply.hosted }),
    };
    membership.listener.onJoined(joined);
  }

  #lost(): void {
    this.#isJoined = false;
    this.#stopRejoin?.();
    if (this.#isLossTold || this.#membership === undefined) return;
    this.#isLossTold = true;
    this.#membership.listener.onLost();
  }

  #rejoinLater(): void {
    this.#stopRejoin = this.#options.clock.after(REJOIN_MS * (0.5 + this.#options.chance()), () => this.#joinNow());
  }

  #reconnectLater(): void {
    this.#stopReconnect = this.#options.clock.after(RECONNECT_MS * (0.5 + this.#options.chance()), () => this.connect());
  }

  #signalArrived(event: unknown): void {
    const parsed = forwardedSignalSchema.safeParse(event);
    if (!parsed.success || !this.#isJoined || parsed.data.channel !== this.#membership?.channel) return;
    this.#membership.listener.onSignal(parsed.data.from, parsed.data.signal);
  }

  #presenceArrived(event: unknown): void {
    const parsed = presenceSchema.safeParse(event);
    if (!parsed.success || !this.#isJoined || parsed.data.channel !== this.#membership?.channel) return;
    this.#membership.listener.onHosted?.(parsed.data.hosted);
  }

  #headArrived(event: unknown): void {
    const parsed = headSchema.safeParse(event);
    if (!parsed.success || !this.#isJoined || parsed.data.channel !== this.#membership?.channel) return;
    for (const entry of decodeEntries(parsed.data.entry)) this.#membership.listener.onHead(entry, parsed.data.swarmSize);
  }
}

/** The entries of one binary field; bytes that are none give none. */
function decodeEntries(bytes: Uint8Array | ArrayBuffer): LogEntry[] {
  try {
    // Node hands over a Buffer; a plain view of the same bytes behaves alike everywhere.
    return decodeLogEntries(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return []; // A tracker's bad bytes are ordinary bad input.
  }
}

function decodeBase64(text: string): Uint8Array {
  try {
    return base64ToBytes(text);
  } catch {
    return new Uint8Array(0); // Not base64: peers will refuse the empty ticket, nothing else depends on it.
  }
}
