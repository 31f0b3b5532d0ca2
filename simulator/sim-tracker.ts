/**
 * The tracker of the virtual world and each peer's port to it: the swarm registry and the choice of introductions are
 * the server's own, only the socket is simulated. It can go away and come back; ports then rejoin with backoff.
 */
import type { Cancel, Clock, Joined, Random, Tracker, TrackerListener } from '#engine/ports';
import { base64ToBytes } from '#protocol/base64';
import type { ChannelId, PeerId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { Candidate, Position, Report } from '#protocol/tracker-events';
import { Tracker as Registry, type JoinOutcome } from '#server/tracker/tracker';
import type { TrackerSettings } from '#server/tracker/tracker-settings';
import type { Host, Network } from './network.ts';
import type { PeerClock } from './peer-clock.ts';
import { simHasher, simSigner } from './sim-hasher.ts';

/** Round trips before a join can be sent: TCP, TLS 1.3, WebSocket upgrade, socket.io CONNECT. */
const CONNECT_ROUND_TRIPS = 4;
/** Rejoining: first pause and longest, ms; doubled in between. As the browser's adapter does. */
const REJOIN_MS = 500;
const REJOIN_MAX_MS = 10_000;

/** Until the server's ping notices that a machine is gone, ms (socket.io: interval 25 s, timeout 20 s; half on average). */
const SILENCE_MS = 32_000;

export interface TrackerServerOptions {
  readonly network: Network;
  readonly host: Host;
  readonly channel: ChannelId;
  readonly random: Random;
  readonly settings: TrackerSettings;
  readonly wallClockMs: () => number;
}

export class SimTrackerServer {
  readonly options: TrackerServerOptions;
  readonly #members = new Map<PeerId, SimTracker>();
  #registry: Registry;
  #heads: readonly LogEntry[] = [];
  isUp = true;
  reports = 0;

  constructor(options: TrackerServerOptions) {
    this.options = options;
    this.#registry = this.#open();
  }

  get heads(): readonly LogEntry[] {
    return this.#heads;
  }

  get swarmSize(): number {
    return this.#registry.swarmSize(this.options.channel);
  }

  /** A new chunk of a live channel: everybody hears of it. */
  publish(head: LogEntry): void {
    this.#heads = [head];
    if (!this.isUp) return;
    const size = this.swarmSize;
    for (const member of [...this.#members.values()]) member.deliver(() => member.listener?.onHead(head, size));
  }

  /** The process dies and forgets everything; every socket breaks. */
  kill(): void {
    this.isUp = false;
    this.#registry = this.#open();
    const members = [...this.#members.values()];
    this.#members.clear();
    for (const member of members) member.lose();
  }

  restart(): void {
    this.isUp = true;
  }

  join(member: SimTracker, peer: PeerId, position: Position): JoinOutcome {
    const outcome = this.#registry.join({ channel: this.options.channel, peer, position }, this.options.wallClockMs());
    if (outcome.ok) this.#members.set(peer, member);
    return outcome;
  }

  more(peer: PeerId, position: Position, known: readonly PeerId[]): { candidates: readonly Candidate[]; swarmSize: number } {
    return this.#registry.moreCandidates(peer, { channel: this.options.channel, position, known: [...known] }, this.options.wallClockMs());
  }

  dismiss(peer: PeerId): void {
    if (this.#members.delete(peer)) this.#registry.leave(this.options.channel, peer);
  }

  member(peer: PeerId): SimTracker | undefined {
    return this.#members.get(peer);
  }

  #open(): Registry {
    const { random, settings, channel } = this.options;
    const signer = simSigner('tracker');
    const verify = (message: Uint8Array, signature: Uint8Array): boolean => {
      let isValid = false;
      simHasher.verify(signer.publicKey, message, signature, (answer) => (isValid = answer));
      return isValid;
    };
    const registry = new Registry({ key: { sign: (message) => signer.sign(message), verify }, random, settings });
    registry.open(channel);
    return registry;
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

  constructor(server: SimTrackerServer, host: Host, clock: PeerClock) {
    this.#server = server;
    this.#clock = clock;
    this.#oneWayMs = server.options.network.latencyMs(host, server.options.host);
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
      const { candidates, swarmSize } = this.#server.more(this.#peer!, position, known);
      this.deliver(() => done(candidates, swarmSize));
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

  /** This machine is gone; the server's ping finds out after a while. */
  kill(clock: Clock): void {
    this.listener = undefined;
    this.#isConnected = false;
    const peer = this.#peer;
    if (peer !== undefined) clock.after(SILENCE_MS, () => this.#server.dismiss(peer));
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
    const outcome = this.#server.join(this, peer, this.#position());
    if (!outcome.ok) {
      this.deliver(() => this.listener?.onRefused(outcome.reason));
      return;
    }
    const joined: Joined = {
      candidates: outcome.candidates,
      swarmSize: outcome.swarmSize,
      iceServers: [],
      ticket: base64ToBytes(outcome.ticket),
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
