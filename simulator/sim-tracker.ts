/**
 * The tracker of the virtual world and each peer's port to it: the swarm registry and the choice of introductions are
 * the server's own, only the socket is simulated. It can go away and come back; ports then rejoin with backoff.
 */
import type { Cancel, Joined, Tracker, TrackerListener } from '#engine/ports';
import type { ChannelId, PeerId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { Candidate, Position, Report } from '#protocol/tracker-events';
import type { Host, Network } from './network.ts';
import type { PeerClock } from './peer-clock.ts';

/** Who is in the swarm, and whom a member should meet. */
export interface Introducer {
  join(peer: PeerId, position: Position): readonly Candidate[];
  more(peer: PeerId, position: Position, known: readonly PeerId[]): readonly Candidate[];
  leave(peer: PeerId): void;
  /** The tracker's process died: it forgets everything. */
  forget(): void;
  readonly size: number;
}

/** Round trips before a join can be sent: TCP, TLS 1.3, WebSocket upgrade, socket.io CONNECT. */
const CONNECT_ROUND_TRIPS = 4;
/** Rejoining: first pause and longest, ms; doubled in between. As the browser's adapter does. */
const REJOIN_MS = 500;
const REJOIN_MAX_MS = 10_000;

export class SimTrackerServer {
  readonly host: Host;
  readonly #introducer: Introducer;
  readonly #members = new Map<PeerId, SimTracker>();
  #heads: readonly LogEntry[] = [];
  isUp = true;
  /** Last report of each peer, and how many came. */
  reports = 0;

  constructor(host: Host, introducer: Introducer) {
    this.host = host;
    this.#introducer = introducer;
  }

  get introducer(): Introducer {
    return this.#introducer;
  }

  get heads(): readonly LogEntry[] {
    return this.#heads;
  }

  /** A new chunk of a live channel: everybody hears of it. */
  publish(head: LogEntry): void {
    this.#heads = [head];
    if (!this.isUp) return;
    for (const member of [...this.#members.values()]) member.deliver(() => member.listener?.onHead(head, this.#introducer.size));
  }

  kill(): void {
    this.isUp = false;
    this.#introducer.forget();
    const members = [...this.#members.values()];
    this.#members.clear();
    for (const member of members) member.lose();
  }

  restart(): void {
    this.isUp = true;
  }

  admit(member: SimTracker, peer: PeerId): void {
    this.#members.set(peer, member);
  }

  dismiss(peer: PeerId): void {
    if (this.#members.delete(peer)) this.#introducer.leave(peer);
  }

  member(peer: PeerId): SimTracker | undefined {
    return this.#members.get(peer);
  }
}

export class SimTracker implements Tracker {
  readonly #server: SimTrackerServer;
  readonly #clock: PeerClock;
  readonly #oneWayMs: number;
  #peer: PeerId | undefined;
  #position: () => Position = () => ({ mediaMs: -1, uploads: false, links: 0, maxLinks: 0 });
  #isConnected = false;
  #pause = REJOIN_MS;
  #cancelJoin: Cancel | undefined;
  listener: TrackerListener | undefined;

  constructor(server: SimTrackerServer, network: Network, host: Host, clock: PeerClock) {
    this.#server = server;
    this.#clock = clock;
    this.#oneWayMs = network.latencyMs(host, server.host);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  join(_channel: ChannelId, peer: PeerId, position: () => Position, listener: TrackerListener): void {
    this.#peer = peer;
    this.#position = position;
    this.listener = listener;
    this.#connect(0);
  }

  moreCandidates(known: readonly PeerId[], done: (candidates: readonly Candidate[], swarmSize: number) => void): void {
    const position = this.#position();
    this.#ask(() => {
      const candidates = this.#server.introducer.more(this.#peer!, position, known);
      const size = this.#server.introducer.size;
      this.deliver(() => done(candidates, size));
    });
  }

  signal(to: PeerId, signal: string): void {
    this.#ask(() => {
      const other = this.#server.member(to);
      other?.deliver(() => other.listener?.onSignal(this.#peer!, signal));
    });
  }

  report(_report: Omit<Report, 'channel'>): void {
    this.#ask(() => {
      this.#server.reports++;
    });
  }

  leave(): void {
    this.#cancelJoin?.();
    this.listener = undefined;
    this.#isConnected = false;
    if (this.#peer !== undefined) this.#server.dismiss(this.#peer);
  }

  /** The server says something to this member. */
  deliver(run: () => void): void {
    this.#clock.after(this.#oneWayMs, () => {
      if (this.listener) run();
    });
  }

  /** The server went away. */
  lose(): void {
    this.deliver(() => {
      this.#isConnected = false;
      this.listener?.onLost();
      this.#retry();
    });
  }

  /** This machine is gone; the server's ping finds out. */
  kill(): void {
    this.listener = undefined;
    this.#isConnected = false;
  }

  #ask(run: () => void): void {
    if (!this.#isConnected) return;
    this.#clock.after(this.#oneWayMs, () => {
      if (this.#server.isUp && this.listener) run();
    });
  }

  #connect(delayMs: number): void {
    this.#cancelJoin = this.#clock.after(delayMs + (2 * CONNECT_ROUND_TRIPS + 1) * this.#oneWayMs, () => {
      if (this.#server.isUp) this.#enter();
      else this.#retry();
    });
  }

  #retry(): void {
    this.#connect(this.#pause);
    this.#pause = Math.min(2 * this.#pause, REJOIN_MAX_MS);
  }

  #enter(): void {
    const peer = this.#peer!;
    const candidates = this.#server.introducer.join(peer, this.#position());
    this.#server.admit(this, peer);
    const joined: Joined = {
      candidates,
      swarmSize: this.#server.introducer.size,
      iceServers: [],
      ticket: new Uint8Array(0),
      heads: this.#server.heads,
      clockOffsetMs: 0,
    };
    this.#cancelJoin = this.#clock.after(this.#oneWayMs, () => {
      this.#isConnected = true;
      this.#pause = REJOIN_MS;
      this.listener?.onJoined(joined);
    });
  }
}

/** Introductions by pure chance, for tests and for comparison with the tracker's own choice. */
export class RandomIntroducer implements Introducer {
  readonly #members = new Map<PeerId, Position>();
  readonly #random: { next(): number };
  readonly #most: number;

  constructor(random: { next(): number }, most: number) {
    this.#random = random;
    this.#most = most;
  }

  get size(): number {
    return this.#members.size;
  }

  join(peer: PeerId, position: Position): readonly Candidate[] {
    this.#members.set(peer, position);
    return this.more(peer, position, []);
  }

  more(peer: PeerId, position: Position, known: readonly PeerId[]): readonly Candidate[] {
    this.#members.set(peer, position);
    const skip = new Set([peer, ...known]);
    const others = [...this.#members].filter(([id]) => !skip.has(id));
    for (let at = others.length - 1; at > 0; at--) {
      const other = Math.floor(this.#random.next() * (at + 1));
      [others[at], others[other]] = [others[other]!, others[at]!];
    }
    return others.slice(0, this.#most).map(([id, { mediaMs, uploads }]) => ({ peer: id, ticket: '', mediaMs, uploads }));
  }

  leave(peer: PeerId): void {
    this.#members.delete(peer);
  }

  forget(): void {
    this.#members.clear();
  }
}
