/**
 * Builds a scenario's world and lets things happen in it: the channel goes on air, viewers come and go, faults strike.
 * It decides nothing about how peers behave; that is the engine's, and it measures nothing; that is measures.ts.
 */
import type { Hasher } from '#engine/ports';
import { chunkIndex, ID_BYTES, idToText, type ChunkIndex, type PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { DEFAULT_TRACKER_SETTINGS } from '#server/tracker/tracker-settings';
import { arrivalTimes } from './arrivals.ts';
import { BufferPool } from './buffer-pool.ts';
import { Network } from './network.ts';
import { dealOut, shuffle } from './quota.ts';
import { RequestLedger } from './request-ledger.ts';
import type { Fault, PeerClass, Scenario } from './scenario.ts';
import type { Directory } from './sim-dialer.ts';
import { simHasher, simSigner, type Signer } from './sim-hasher.ts';
import { SimOriginServer } from './sim-origin.ts';
import { SimPeer, type EngineFactory, type PeerWorld } from './sim-peer.ts';
import { SimTrackerServer } from './sim-tracker.ts';
import { SyntheticChannel } from './synthetic-channel.ts';
import { Topology, type NatClass } from './topology.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Time of day at the beginning, ms since 1970; any will do, this one is easy to recognise. */
const EPOCH_MS = 1_800_000_000_000;
/** From the end of a live chunk to its being on offer: muxing and writing. */
const PACKAGING_MS = 30;
/** The ledger of requests is kept up to this many peers. */
const LEDGER_PEERS = 200;
/** Uplink of a peer that drips. */
const DRIP_BYTES_PER_SECOND = 2000;
/** Messages are pieces of nearly one length; chunks differ, and few sizes let one chunk's buffers serve the next. */
const MESSAGE_STEP_BYTES = 1024;
const CHUNK_STEP_BYTES = 64 * 1024;
const SERVER_BYTES_PER_SECOND = 1.25e9;

export interface WorldOptions {
  readonly seed: number | string;
  readonly createEngine: EngineFactory;
  /** Real ones where the test is about them; the cheap ones otherwise. */
  readonly crypto?: { readonly hasher: Hasher; readonly signer: Signer };
}

export class World {
  readonly scenario: Scenario;
  readonly clock = new VirtualClock();
  readonly network: Network;
  readonly channel: SyntheticChannel;
  readonly originServer: SimOriginServer;
  readonly trackerServer: SimTrackerServer;
  readonly ledger: RequestLedger | undefined;
  /** Everybody who ever came, in order. */
  readonly peers: SimPeer[] = [];
  readonly #byId = new Map<PeerId, SimPeer>();
  /** Class of each of `peers`. */
  readonly classes: PeerClass[] = [];
  readonly violations: string[] = [];
  /** Chunks that at least one viewer was given. */
  readonly deliveredChunks = new Set<ChunkIndex>();
  readonly #topology: Topology;
  readonly #random: SeededRandom;
  readonly #peerWorld: PeerWorld;
  readonly #classOrder: PeerClass[];
  readonly #natOrder: NatClass[];

  constructor(scenario: Scenario, options: WorldOptions) {
    this.scenario = scenario;
    const random = new SeededRandom(options.seed);
    this.#random = random;
    const { network } = scenario;
    this.#topology = new Topology(network.topology, random.fork('topology'));
    this.network = new Network(this.clock, { topology: this.#topology, packetLoss: network.packetLoss, random: random.fork('loss') });
    const hasher = options.crypto?.hasher ?? simHasher;
    this.channel = new SyntheticChannel(
      {
        kind: scenario.kind,
        chunkSeconds: scenario.chunkSeconds,
        bitsPerSecond: scenario.bitsPerSecond,
        variation: 0.2,
        chunks: Math.floor(scenario.channelSeconds / scenario.chunkSeconds),
        firstOnAirMs: EPOCH_MS - scenario.channelSeconds * 1000,
      },
      options.crypto?.signer ?? simSigner('channel'),
      hasher,
      random.fork('channel'),
    );
    const server = { place: this.#topology.dataCentre(), nat: 'open' as const, downBytesPerSecond: SERVER_BYTES_PER_SECOND };
    const originHost = this.network.addHost({ ...server, upBytesPerSecond: scenario.originUpBytesPerSecond });
    this.originServer = new SimOriginServer(originHost, this.channel, this.network, {
      thinkMs: scenario.originThinkMs,
      windowBytes: network.originWindowBytes,
    });
    this.trackerServer = new SimTrackerServer({
      network: this.network,
      host: this.network.addHost({ ...server, upBytesPerSecond: SERVER_BYTES_PER_SECOND }),
      channel: this.channel.id,
      random: random.fork('tracker'),
      settings: DEFAULT_TRACKER_SETTINGS,
      wallClockMs: () => this.wallMs,
    });
    this.ledger = scenario.peers <= LEDGER_PEERS ? new RequestLedger(() => this.clock.nowMs()) : undefined;
    this.#classOrder = dealOut(scenario.classes.map((value) => ({ value, share: value.share })), scenario.peers, random.fork('classes'));
    const nats = Object.entries(network.nats).map(([value, share]) => ({ value: value as NatClass, share }));
    this.#natOrder = dealOut(nats, scenario.peers, random.fork('nats'));
    this.#peerWorld = this.#describePeers(hasher, options.createEngine);
    this.#plan();
  }

  /** Time of day, ms since 1970. */
  get wallMs(): number {
    return EPOCH_MS + this.clock.nowMs();
  }

  get present(): SimPeer[] {
    return this.peers.filter((peer) => peer.state === 'present');
  }

  /** Everybody leaves, servers stay; then time passes until the last timer of a well-behaved peer has run out. */
  closeDown(): void {
    for (const peer of this.peers) {
      if (peer.clock.isFrozen) peer.clock.thaw();
      peer.leave();
    }
    this.clock.runUntil(this.clock.nowMs() + 60_000);
  }

  #describePeers(hasher: Hasher, createEngine: EngineFactory): PeerWorld {
    const directory: Directory = new Map();
    return {
      clock: this.clock,
      network: this.network,
      directory,
      dialer: {
        network: this.network,
        pool: new BufferPool(MESSAGE_STEP_BYTES),
        windowBytes: this.scenario.network.linkWindowBytes,
        setUpMs: this.scenario.network.setUpMs,
        dialTimeoutMs: 10_000,
        silenceMs: 6_000,
      },
      trackerServer: this.trackerServer,
      originServer: this.originServer,
      channel: this.channel,
      chunkPool: new BufferPool(CHUNK_STEP_BYTES),
      hasher,
      createEngine,
      wallClockMs: () => this.wallMs,
      liveOffsetChunks: this.scenario.liveOffsetChunks,
      leaveWhenFinished: this.scenario.leaveWhenFinished,
      settings: this.scenario.settings,
      policies: this.scenario.policies,
      offsetPolicy: this.scenario.offsetPolicy,
      film: this.scenario.film,
      storeOf: (id) => this.#byId.get(id)?.store,
      watcher: this.ledger,
      onViolation: (what) => this.violations.push(`${(this.clock.nowMs() / 1000).toFixed(3)} s: ${what}`),
      onDelivered: (chunk) => this.deliveredChunks.add(chunk),
    };
  }

  #plan(): void {
    const { scenario } = this;
    if (scenario.kind === 'live') this.#goOnAir();
    for (const at of arrivalTimes(scenario.arrivals, scenario.peers, this.#random.fork('arrivals'))) {
      if (at < scenario.durationSeconds * 1000) this.clock.after(at, () => this.#arrive());
    }
    if (scenario.churnPerMinute > 0) {
      const everyMs = 60_000 / (scenario.churnPerMinute * scenario.peers);
      const random = this.#random.fork('churn');
      const churn = (turn: number): void => {
        this.clock.after(everyMs, () => {
          if (this.clock.nowMs() >= scenario.durationSeconds * 1000) return;
          this.#replaceOne(turn, random);
          churn(turn + 1);
        });
      };
      churn(0);
    }
    for (const fault of scenario.faults) this.clock.after(fault.atSeconds * 1000, () => this.#strike(fault));
  }

  #goOnAir(): void {
    const chunkMs = this.channel.chunkUs / 1000;
    const startMs = -this.scenario.channelSeconds * 1000;
    const publish = (index: number): void => {
      this.originServer.newest = index;
      this.trackerServer.publish(this.channel.entry(chunkIndex(index)));
      // Nobody is more than the window and a buffer behind.
      const oldest = index - 2 * this.channel.options.chunks;
      if (oldest > 0) this.channel.forgetBefore(chunkIndex(oldest));
    };
    let next = 0;
    while (startMs + (next + 1) * chunkMs + PACKAGING_MS <= 0) publish(next++);
    const schedule = (index: number): void => {
      const at = startMs + (index + 1) * chunkMs + PACKAGING_MS;
      if (at > this.scenario.durationSeconds * 1000) return;
      this.clock.after(at - this.clock.nowMs(), () => {
        publish(index);
        schedule(index + 1);
      });
    };
    schedule(next);
  }

  #arrive(): void {
    const number = this.peers.length;
    const random = this.#random.fork(`peer ${number}`);
    const peerClass = this.#classOrder[number % this.#classOrder.length]!;
    const behaviour = peerClass.behaviour ?? 'honest';
    const place = this.#topology.place(random.fork('place'));
    const host = this.network.addHost({
      upBytesPerSecond: behaviour === 'drip' ? DRIP_BYTES_PER_SECOND : peerClass.upBytesPerSecond,
      downBytesPerSecond: peerClass.downBytesPerSecond,
      place,
      nat: this.#natOrder[number % this.#natOrder.length]!,
    });
    const idRandom = random.fork('id');
    const id = idToText(Uint8Array.from({ length: ID_BYTES }, () => idRandom.next() * 256)) as PeerId;
    this.classes.push(peerClass);
    const peer = new SimPeer(this.#peerWorld, { id, host, utcOffsetMinutes: this.#topology.utcOffsetMinutes(place), behaviour, random: random.fork('engine') });
    this.peers.push(peer);
    this.#byId.set(id, peer);
  }

  #replaceOne(turn: number, random: SeededRandom): void {
    const { present } = this;
    const victim = present[Math.floor(random.next() * present.length)];
    if (!victim) return;
    if (turn % 2 === 0) victim.leave();
    else victim.vanish();
    this.#arrive();
  }

  #strike(fault: Fault): void {
    switch (fault.kind) {
      case 'killOrigin':
        this.originServer.kill();
        return;
      case 'restoreOrigin':
        this.originServer.restart();
        return;
      case 'killTracker':
        this.trackerServer.kill();
        return;
      case 'restoreTracker':
        this.trackerServer.restart();
        return;
      case 'killPeers':
        for (const peer of this.#some(fault.share)) peer.vanish();
        return;
      case 'scaleUplinks':
        for (const peer of this.present) peer.host.upBytesPerMs *= fault.factor;
        return;
      case 'scaleBitrate':
        this.channel.scaleBitrate(fault.factor);
        return;
      case 'freezePeers':
        for (const peer of this.#some(fault.share)) {
          peer.clock.freeze();
          this.clock.after(fault.forSeconds * 1000, () => peer.clock.thaw());
        }
    }
  }

  #some(share: number): SimPeer[] {
    const { present } = this;
    return shuffle(present, this.#random.fork(`some ${this.clock.nowMs()}`)).slice(0, Math.round(share * present.length));
  }
}
