/**
 * Who this peer's neighbours are: joins through the tracker, dials candidates, accepts others, notices the dead, hands
 * introductions on. When the tracker is away, signals travel through mutual neighbours; watching goes on untouched.
 * Long because joining, dialling, greeting and losing a neighbour share the same four maps and would only pass them round.
 */
import type { Hosted } from '#protocol/hosted';
import type { ChannelId, PeerId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { FEATURE, GOODBYE_REASON, LOWEST_PROTOCOL_VERSION, PROTOCOL_VERSION, type MessageBody } from '#protocol/messages';
import { base64ToBytes } from '#protocol/base64';
import type { LogEntry } from '#protocol/record';
import type { Candidate, Position } from '#protocol/tracker-events';
import { utf8, utf8Text } from '#protocol/utf8';
import type { LagMeter } from './lag-meter.ts';
import { Neighbour } from './neighbour.ts';
import { farNeighbour } from './policy/far-neighbour.ts';
import { pickPeers, type DialCandidate } from './policy/pick-peers.ts';
import type { Policies } from './policy/policies.ts';
import type { Clock, Dialer, Joined, LinkEnd, PeerLink, Random, Tracker } from './ports.ts';
import type { Settings } from './settings.ts';

export interface SwarmOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: Dialer;
  readonly lag: LagMeter;
  readonly tracker: Tracker;
  readonly settings: Settings;
  readonly policy: Policies['peers'];
  readonly channel: ChannelId;
  readonly self: PeerId;
  readonly position: () => Position;
  readonly uploads: () => boolean;
  readonly onMessage: (neighbour: Neighbour, bytes: Uint8Array) => void;
  /** Hello was exchanged. */
  readonly onActive: (neighbour: Neighbour) => void;
  readonly onGone: (neighbour: Neighbour) => void;
  readonly onJoined: (joined: Joined) => void;
  readonly onHead: (head: LogEntry) => void;
  readonly onRefused: (reason: string) => void;
  readonly onHosted: () => void;
  readonly hosted: Hosted | undefined;
}

type KnownCandidate = DialCandidate & { readonly peer: PeerId; notBeforeMs: number; readonly via: PeerId | null; readonly ticket: Uint8Array };

/** Of a candidate that the tracker did not introduce. */
const NOTHING_KNOWN = { mediaMs: -1, uploads: true, isNear: null } as const;
/** Candidates remembered; far more than are ever dialled. */
const MAX_CANDIDATES = 200;
/** Neighbours introduced to a newcomer: enough to meet the swarm without the tracker. */
const INTRODUCTIONS = 6;
/** Links accepted above the wanted number, so that newcomers of a full swarm find a door. */
const SPARE_LINKS = 4;
/** Pauses between pings that pass before a neighbour that talks anyway is asked for its round trip again. */
const RTT_PINGS = 5;
/** Pause between two exchanges of a neighbour for a better one. */
const EXCHANGE_MS = 2_000;
/** Whoever was exchanged is not dialled again within this. */
const EXCHANGED_MS = 120_000;
/** A pause this long between two reviews means that this machine slept, not that all neighbours died. */
const SLEPT_MS = 4_000;

export class Swarm {
  readonly #options: SwarmOptions;
  readonly neighbours = new Map<PeerId, Neighbour>();
  readonly #candidates = new Map<PeerId, KnownCandidate>();
  readonly #banned = new Set<PeerId>();
  /** Neighbours exchanged for better ones, and until when they stay away. */
  readonly #parted = new Map<PeerId, number>();
  /** Mutual neighbour through which a peer's signal came. */
  readonly #relayVia = new Map<PeerId, PeerId>();
  #state: 'off' | 'unavailable' | 'joining' | 'joined' | 'trackerLost' = 'off';
  #size = 0;
  /** Whether anybody was there before. */
  #hasElders = false;
  #joinedAtMs: number | null = null;
  #askedMoreAtMs = -Infinity;
  #exchangedAtMs = 0;
  #reviewedAtMs: number;
  #hosted: Hosted | undefined;

  constructor(options: SwarmOptions) {
    this.#options = options;
    this.#hosted = options.hosted;
    this.#reviewedAtMs = options.clock.nowMs();
    options.dialer.listen({
      accepts: (from) => this.#accepts(from),
      onLink: (link) => this.#onLink(link),
      onFailed: (peer) => this.#postpone(peer),
      onSignal: (to, signal) => this.#carry(to, signal),
    });
  }

  get state(): 'off' | 'unavailable' | 'joining' | 'joined' | 'trackerLost' {
    return this.#state;
  }

  /** Members as the tracker last said. */
  get size(): number {
    return this.#size;
  }

  get banned(): number {
    return this.#banned.size;
  }

  get dialing(): number {
    return this.#options.dialer.dialing;
  }

  /** What is known of a host that is not the server. */
  get hosted(): Hosted | undefined {
    return this.#hosted;
  }

  /** The host's own peer, where there is a link to it. */
  get host(): Neighbour | undefined {
    const peer = this.#hosted?.peer ?? null;
    const neighbour = peer === null ? undefined : this.neighbours.get(peer);
    return neighbour?.state === 'active' ? neighbour : undefined;
  }

  /** The server has no chunks: what viewers lack comes from the host or not at all. */
  get isHostAlone(): boolean {
    return this.#hosted?.floor === 'peers';
  }

  /**
   * Peers are expected and none has spoken yet: not the moment to fetch from the seeder what can wait. Those who came later
   * have nothing to wait for.
   */
  get isIntroducing(): boolean {
    if (this.#state === 'off' || this.#state === 'unavailable') return false;
    let others = 0;
    for (const neighbour of this.neighbours.values()) {
      if (neighbour.isHost) continue;
      if (neighbour.hasSpoken) return false;
      others++;
    }
    if (this.#state === 'joining') return true;
    const isEarly = this.#options.clock.nowMs() - (this.#joinedAtMs ?? 0) < this.#options.settings.introductionMs;
    return isEarly && this.#hasElders && (this.dialing > 0 || others > 0);
  }

  join(): void {
    const { dialer, tracker, channel, self, position } = this.#options;
    if (this.#state !== 'off') return;
    if (!dialer.isAvailable) {
      this.#state = 'unavailable';
      return;
    }
    this.#state = 'joining';
    tracker.join(channel, self, position, {
      onJoined: (joined) => this.#onJoined(joined),
      onSignal: (from, signal) => {
        this.#relayVia.delete(from);
        if (!this.#banned.has(from)) dialer.signal(from, signal);
      },
      onHead: (head, swarmSize) => {
        this.#size = swarmSize;
        this.#options.onHead(head);
      },
      onHosted: (hosted) => this.#setHosted(hosted),
      onLost: () => this.#state = 'trackerLost',
      onRefused: (reason) => {
        this.#state = 'off';
        this.#options.onRefused(reason);
      },
    });
  }

  leave(): void {
    if (this.#state === 'off') return;
    for (const neighbour of [...this.neighbours.values()]) this.dismiss(neighbour, GOODBYE_REASON.leaving);
    if (this.#state !== 'unavailable') this.#options.tracker.leave();
    this.#options.dialer.hangUp();
    this.#candidates.clear();
    this.#state = 'off';
    this.#size = 0;
    this.#joinedAtMs = null;
  }

  /** Says goodbye and closes. */
  dismiss(neighbour: Neighbour, reason: number): void {
    neighbour.send({ name: 'goodbye', reason });
    neighbour.link.close();
    this.#forget(neighbour);
  }

  /** Never again: it sent what no honest peer sends. */
  ban(neighbour: Neighbour): void {
    this.#banned.add(neighbour.peer);
    this.#candidates.delete(neighbour.peer);
    this.dismiss(neighbour, GOODBYE_REASON.misbehaving);
  }

  /** Looks after links: greets that never came, silence, places to fill. Called a few times a second. */
  review(): void {
    const { clock, settings } = this.#options;
    const nowMs = clock.nowMs();
    const hasSlept = nowMs - this.#reviewedAtMs > SLEPT_MS;
    this.#reviewedAtMs = nowMs;
    for (const neighbour of [...this.neighbours.values()]) {
      if (hasSlept) neighbour.lastHeardMs = nowMs;
      this.#reviewLink(neighbour, nowMs, settings);
    }
    if (this.#state === 'joined' || this.#state === 'trackerLost') this.#dialMore(nowMs);
    if (nowMs - this.#exchangedAtMs >= EXCHANGE_MS) this.#exchange(nowMs);
  }

  onHello(neighbour: Neighbour, hello: MessageBody<'hello'>): void {
    const { channel, self, onActive } = this.#options;
    const speaksOurs = hello.lowestVersion <= PROTOCOL_VERSION && hello.version >= LOWEST_PROTOCOL_VERSION;
    const isOurs = hello.channel === channel && hello.peer === neighbour.peer && hello.peer !== self;
    if (!speaksOurs || !isOurs || hello.pieceBytes !== PIECE_BYTES) {
      this.dismiss(neighbour, GOODBYE_REASON.incompatible);
      return;
    }
    neighbour.state = 'active';
    neighbour.features = hello.features;
    neighbour.ticket = hello.ticket.slice();
    onActive(neighbour);
    this.#introduce(neighbour);
  }

  onGoodbye(neighbour: Neighbour, reason: number): void {
    if (reason === GOODBYE_REASON.leaving) this.#candidates.delete(neighbour.peer);
    neighbour.link.close();
    this.#forget(neighbour);
  }

  onPeers(neighbour: Neighbour, { peers }: MessageBody<'peers'>): void {
    for (const { peer, ticket } of peers) {
      if (!this.#candidates.has(peer)) this.#remember({ peer, ...NOTHING_KNOWN, ticket: ticket.slice() }, neighbour.peer);
    }
  }

  /** A signal for this peer, or for a mutual neighbour: only on behalf of its sender, never further. */
  onRelay(neighbour: Neighbour, relay: MessageBody<'relay'>): void {
    if (relay.to === this.#options.self) {
      if (this.#banned.has(relay.from) || relay.from === this.#options.self) return;
      this.#relayVia.set(relay.from, neighbour.peer);
      this.#options.dialer.signal(relay.from, utf8Text(relay.signal));
    } else if (relay.from === neighbour.peer) {
      const target = this.neighbours.get(relay.to);
      if (target?.state === 'active') target.send({ name: 'relay', ...relay });
    }
  }

  #onJoined(joined: Joined): void {
    const { dialer, clock, onJoined } = this.#options;
    this.#state = 'joined';
    this.#joinedAtMs = clock.nowMs();
    this.#size = joined.swarmSize;
    this.#hasElders = joined.candidates.length > 0;
    dialer.setIceServers(joined.iceServers);
    for (const candidate of joined.candidates) this.#rememberFromTracker(candidate);
    if (joined.hosted) this.#setHosted(joined.hosted);
    this.#dialMore(clock.nowMs());
    onJoined(joined);
  }

  #setHosted(hosted: Hosted): void {
    const { peer } = hosted;
    this.#hosted = hosted;
    for (const neighbour of this.neighbours.values()) this.#mark(neighbour);
    // A host that is back under another id is met at once, without a round of introductions.
    if (peer !== null && !this.#candidates.has(peer) && !this.neighbours.has(peer)) {
      this.#remember({ peer, ...NOTHING_KNOWN, ticket: new Uint8Array(0) }, null);
    }
    this.#options.onHosted();
  }

  #mark(neighbour: Neighbour): void {
    neighbour.isHost = neighbour.peer === this.#hosted?.peer;
    neighbour.isLastResort = neighbour.isHost && this.isHostAlone;
  }

  #rememberFromTracker(candidate: Candidate): void {
    this.#remember({ ...candidate, isNear: candidate.isNear ?? null, ticket: ticketBytes(candidate.ticket) }, null);
  }

  #remember(candidate: Omit<KnownCandidate, 'notBeforeMs' | 'via'>, via: PeerId | null): void {
    const { peer } = candidate;
    if (peer === this.#options.self || this.#banned.has(peer)) return;
    const notBeforeMs = this.#candidates.get(peer)?.notBeforeMs ?? 0;
    this.#candidates.set(peer, { ...candidate, via, notBeforeMs });
    if (this.#candidates.size > MAX_CANDIDATES) this.#candidates.delete(this.#candidates.keys().next().value!);
  }

  #dialMore(nowMs: number): void {
    const { dialer, settings, random, tracker, position } = this.#options;
    const wanted = settings.maxNeighbours - this.neighbours.size - dialer.dialing;
    // Opening a link takes the main thread's time: one that is late already gets one at a time.
    const atOnce = this.#options.lag.ms > 0 ? 1 : settings.dialsAtOnce;
    const count = Math.min(wanted, atOnce - dialer.dialing);
    if (count <= 0) return;
    const reachable = [...this.#candidates.values()].filter(
      (candidate) => !this.neighbours.has(candidate.peer) && !this.#isParted(candidate.peer) && (tracker.isConnected || this.#relayTo(candidate.peer) !== undefined),
    );
    // The host first: what nobody else has comes from there.
    const host = reachable.filter(({ peer, notBeforeMs }) => peer === this.#hosted?.peer && notBeforeMs <= nowMs);
    const others = reachable.filter(({ peer }) => peer !== this.#hosted?.peer);
    const farNeighbours = [...this.neighbours.keys()].filter((peer) => this.#candidates.get(peer)?.isNear === false).length;
    const chosen = [
      ...host,
      ...pickPeers(others, { count: count - host.length, places: wanted - host.length, farNeighbours, ownMediaMs: position().mediaMs, nowMs, random, policy: this.#options.policy }),
    ];
    for (const candidate of chosen) {
      // Also the pause before it is tried again, should the dial fail without a word.
      candidate.notBeforeMs = nowMs + settings.redialMs;
      dialer.dial(candidate.peer);
    }
    const isSatisfied = chosen.length === count || this.neighbours.size + chosen.length >= Math.min(settings.maxNeighbours, this.#size - 1);
    if (!isSatisfied) this.#askMore(nowMs);
  }

  #askMore(nowMs: number): void {
    const { tracker, settings } = this.#options;
    if (!tracker.isConnected || nowMs - this.#askedMoreAtMs < settings.redialMs) return;
    if (this.#joinedAtMs !== null && nowMs - this.#joinedAtMs < settings.redialMs) return;
    this.#askedMoreAtMs = nowMs;
    tracker.moreCandidates([...this.neighbours.keys()], (candidates, swarmSize) => {
      this.#size = swarmSize;
      for (const candidate of candidates) this.#rememberFromTracker(candidate);
    });
  }

  /** Parts with a neighbour that is much worse than others, where the policy looks at that and there are others to meet. */
  #exchange(nowMs: number): void {
    this.#exchangedAtMs = nowMs;
    const { policy, settings } = this.#options;
    if (this.neighbours.size < settings.maxNeighbours || (policy === 'proximity' && !this.#knowsNearer(nowMs))) return;
    const known = [...this.neighbours.values()].filter(({ state, isHost }) => state === 'active' && !isHost).map((neighbour) => ({
      neighbour,
      peer: neighbour.peer,
      distanceMs: neighbour.distanceMs,
      bytesPerSecond: neighbour.serviceRate.isMeasured ? neighbour.serviceRate.bytesPerSecond : null,
      isBusy: neighbour.downRate.rate(nowMs) + neighbour.upRate.rate(nowMs) > 0,
    }));
    const far = farNeighbour(known, policy);
    if (!far) return;
    this.#parted.set(far.neighbour.peer, nowMs + EXCHANGED_MS);
    if (this.#parted.size > MAX_CANDIDATES) this.#parted.delete(this.#parted.keys().next().value!);
    this.dismiss(far.neighbour, GOODBYE_REASON.enoughNeighbours);
  }

  /** Whether somebody near could be dialled. */
  #knowsNearer(nowMs: number): boolean {
    for (const { peer, isNear, uploads, notBeforeMs } of this.#candidates.values()) {
      if (isNear && uploads && notBeforeMs <= nowMs && !this.neighbours.has(peer) && !this.#isParted(peer)) return true;
    }
    return false;
  }

  #accepts(from: PeerId): boolean {
    const isOpen = this.#state === 'joined' || this.#state === 'trackerLost';
    const room = this.#options.settings.maxNeighbours + SPARE_LINKS - this.neighbours.size;
    return isOpen && room > 0 && !this.#banned.has(from) && !this.#isParted(from);
  }

  #isParted(peer: PeerId): boolean {
    return (this.#parted.get(peer) ?? 0) > this.#options.clock.nowMs();
  }

  #onLink(link: PeerLink): void {
    const { clock, self, channel, uploads, onMessage } = this.#options;
    const old = this.neighbours.get(link.remote);
    if (old) {
      // The peer came back under its id before its old link was noticed to be dead.
      old.link.close();
      this.#forget(old);
    }
    if (this.#banned.has(link.remote) || this.#state === 'off') {
      link.close();
      return;
    }
    const neighbour = new Neighbour(link, clock.nowMs());
    this.#mark(neighbour);
    this.neighbours.set(link.remote, neighbour);
    link.onMessage((bytes) => {
      neighbour.lastHeardMs = clock.nowMs();
      if (neighbour.state !== 'closed') onMessage(neighbour, bytes);
    });
    link.onEnd((end) => this.#onEnd(neighbour, end));
    neighbour.send({
      name: 'hello',
      version: PROTOCOL_VERSION,
      lowestVersion: LOWEST_PROTOCOL_VERSION,
      channel,
      peer: self,
      pieceBytes: PIECE_BYTES,
      features: FEATURE.relay | (uploads() ? FEATURE.uploads | FEATURE.push : 0),
      // The member's own ticket is for the tracker alone: whoever sees it could claim this peer's place.
      ticket: new Uint8Array(0),
    });
  }

  #onEnd(neighbour: Neighbour, end: LinkEnd): void {
    if (end === 'failed') this.#postpone(neighbour.peer);
    this.#forget(neighbour);
  }

  #forget(neighbour: Neighbour): void {
    if (neighbour.state === 'closed') return;
    neighbour.state = 'closed';
    if (this.neighbours.get(neighbour.peer) === neighbour) this.neighbours.delete(neighbour.peer);
    this.#options.onGone(neighbour);
  }

  #postpone(peer: PeerId): void {
    const candidate = this.#candidates.get(peer);
    if (candidate) candidate.notBeforeMs = this.#options.clock.nowMs() + this.#options.settings.redialMs;
  }

  #reviewLink(neighbour: Neighbour, nowMs: number, settings: Settings): void {
    const quietMs = nowMs - neighbour.lastHeardMs;
    if (neighbour.state === 'greeting') {
      if (nowMs - neighbour.connectedMs > settings.helloTimeoutMs) this.dismiss(neighbour, GOODBYE_REASON.incompatible);
      return;
    }
    if (quietMs > settings.silenceMs) {
      this.#postpone(neighbour.peer);
      neighbour.link.close();
      this.#forget(neighbour);
      return;
    }
    // What is heard all the time is alive; its round trip is measured anew now and then.
    const dueMs = quietMs >= settings.pingMs ? settings.pingMs : RTT_PINGS * settings.pingMs;
    if (neighbour.pingSentMs === null || nowMs - neighbour.pingSentMs >= dueMs) {
      neighbour.pingSentMs = nowMs;
      neighbour.pingNonce = (neighbour.pingNonce + 1) >>> 0;
      neighbour.send({ name: 'ping', nonce: neighbour.pingNonce });
    }
  }

  #introduce(newcomer: Neighbour): void {
    const others = [...this.neighbours.values()].filter((other) => other.state === 'active' && other !== newcomer);
    if (others.length === 0) return;
    const peers = others.slice(-INTRODUCTIONS).map(({ peer, ticket }) => ({ peer, ticket }));
    newcomer.send({ name: 'peers', peers });
  }

  #carry(to: PeerId, signal: string): void {
    const { tracker, self } = this.#options;
    const via = this.#relayTo(to);
    const isRelayed = this.#relayVia.has(to) || !tracker.isConnected;
    if (isRelayed && via) via.send({ name: 'relay', from: self, to, signal: utf8(signal) });
    else tracker.signal(to, signal);
  }

  /** A neighbour that knows the peer, if one is there. */
  #relayTo(peer: PeerId): Neighbour | undefined {
    const via = this.#relayVia.get(peer) ?? this.#candidates.get(peer)?.via;
    const neighbour = via ? this.neighbours.get(via) : undefined;
    return neighbour?.state === 'active' ? neighbour : undefined;
  }
}

function ticketBytes(ticket: string): Uint8Array {
  try {
    return base64ToBytes(ticket);
  } catch {
    return new Uint8Array(0); // A tracker that writes tickets differently still introduces.
  }
}
