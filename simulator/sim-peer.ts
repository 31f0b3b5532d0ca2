/**
 * One simulated machine: host, ports, the real engine and somebody watching. It arrives, and later leaves in good
 * order or vanishes; its figures are taken at that moment.
 */
import type { Engine, EngineOptions, EnginePorts } from '#engine/engine-api';
import type { Policies } from '#engine/policy/policies';
import type { Hasher, Random } from '#engine/ports';
import { defaultSettings, type Settings } from '#engine/settings';
import type { ByteTotals } from '#engine/viewer-snapshot';
import type { ChunkIndex, PeerId } from '#protocol/ids';
import { MESSAGES } from '#protocol/messages';
import type { BufferPool } from './buffer-pool.ts';
import type { Host, Network } from './network.ts';
import { MEETING_MS, proportionalStart, type OffsetPolicy } from './initial-offset.ts';
import { PeerClock } from './peer-clock.ts';
import type { Behaviour } from './scenario.ts';
import { SimDialer, type DialerOptions, type Directory } from './sim-dialer.ts';
import type { LinkWatcher, Tamper } from './sim-link.ts';
import { SimOrigin, type SimOriginServer } from './sim-origin.ts';
import { SimStore } from './sim-store.ts';
import { SimTracker, type SimTrackerServer } from './sim-tracker.ts';
import { MAIN_STREAM, type SyntheticChannel } from './synthetic-channel.ts';
import { stretchesOf, type Film } from './trace.ts';
import { Traffic } from './traffic.ts';
import { ViewerModel } from './viewer-model.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The engine's own factory, or a stand-in. */
export type EngineFactory = (ports: EnginePorts, options: EngineOptions) => Engine;

/** Everything peers have in common. */
export interface PeerWorld {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly directory: Directory;
  readonly dialer: DialerOptions;
  readonly trackerServer: SimTrackerServer;
  readonly originServer: SimOriginServer;
  readonly channel: SyntheticChannel;
  /** Buffers that chunks are gathered in. */
  readonly chunkPool: BufferPool;
  readonly hasher: Hasher;
  readonly createEngine: EngineFactory;
  readonly wallClockMs: () => number;
  readonly liveOffsetChunks: number;
  readonly leaveWhenFinished: boolean;
  readonly settings: Partial<Settings>;
  readonly policies: Partial<Policies>;
  readonly offsetPolicy: OffsetPolicy;
  readonly film: Film | null;
  /** What a peer holds: what a neighbour's buffer map would say. */
  readonly storeOf: (peer: PeerId) => SimStore | undefined;
  readonly watcher: LinkWatcher | undefined;
  readonly onViolation: (what: string) => void;
  readonly onDelivered: (chunk: ChunkIndex) => void;
}

/** Records a watch page brings along: VoD the first ones, live the newest ones. */
const BOOT_RECORDS = { vod: 16, live: 8 } as const;

export class SimPeer {
  readonly id: PeerId;
  readonly host: Host;
  readonly behaviour: Behaviour;
  readonly clock: PeerClock;
  readonly dialer: SimDialer;
  readonly store: SimStore;
  readonly engine: Engine;
  readonly viewer: ViewerModel;
  readonly traffic: Traffic;
  readonly #tracker: SimTracker;
  readonly #world: PeerWorld;
  readonly #arrivedMs: number;
  state: 'present' | 'left' | 'vanished' = 'present';
  /** The engine's totals, once it has gone. */
  #totals: ByteTotals | undefined;

  constructor(world: PeerWorld, own: { id: PeerId; host: Host; utcOffsetMinutes: number; behaviour: Behaviour; random: Random }) {
    this.#world = world;
    this.id = own.id;
    this.host = own.host;
    this.behaviour = own.behaviour;
    this.clock = new PeerClock(world.clock);
    this.#arrivedMs = world.clock.nowMs();
    this.traffic = new Traffic(world.watcher);
    this.dialer = new SimDialer({
      id: own.id,
      host: own.host,
      clock: this.clock,
      directory: world.directory,
      options: world.dialer,
      tamper: tamperOf(own.behaviour),
      watcher: this.traffic,
    });
    this.#tracker = new SimTracker(world.trackerServer, own.host, this.clock);
    this.store = new SimStore(world.channel, world.chunkPool, (chunk) => world.onViolation(`${own.id} stored wrong bytes as chunk ${chunk}`));
    const origin = new SimOrigin(world.originServer, own.host, this.clock);
    this.engine = world.createEngine(
      {
        clock: this.clock,
        wallClockMs: world.wallClockMs,
        random: own.random,
        hasher: world.hasher,
        dialer: this.dialer,
        tracker: this.#tracker,
        origin,
        store: this.store,
      },
      {
        channel: world.channel.id,
        description: world.channel.description,
        peer: own.id,
        mode: own.behaviour === 'freeRider' ? 'download' : 'on',
        role: 'viewer',
        utcOffsetMinutes: own.utcOffsetMinutes,
        settings: { ...defaultSettings, ...world.settings },
        policies: world.policies,
      },
    );
    const { kind } = world.channel.options;
    this.engine.offerEntries(world.originServer.entriesFrom(kind === 'vod' ? (0 as ChunkIndex) : 'newest', BOOT_RECORDS[kind]));
    this.engine.setStreams([MAIN_STREAM]);
    this.engine.start();
    this.viewer = new ViewerModel({
      engine: this.engine,
      clock: this.clock,
      channel: world.channel,
      options: {
        liveOffsetChunks: world.liveOffsetChunks,
        stretches: world.film && stretchesOf(world.film, own.random.fork('stretches')),
        ...(world.offsetPolicy === 'proportional' && { liveStart: () => this.#startByNeighbour() }),
        ...(world.offsetPolicy === 'lag' && { liveStart: () => this.#startByClock() }),
      },
      onChunk: (chunk, bytes) => this.#check(chunk, bytes),
      onFinished: () => {
        if (world.leaveWhenFinished) this.leave();
      },
    });
  }

  get totals(): ByteTotals {
    return this.#totals ?? this.engine.snapshot().bytes;
  }

  /** Closes the page. */
  leave(): void {
    if (this.state !== 'present') return;
    this.state = 'left';
    this.#totals = this.engine.snapshot().bytes;
    this.viewer.leave();
    this.engine.close();
  }

  /** Pulls the plug: nobody is told. */
  vanish(): void {
    if (this.state !== 'present') return;
    this.state = 'vanished';
    this.#totals = this.engine.snapshot().bytes;
    this.viewer.leave();
    this.#world.network.kill(this.host);
    this.#tracker.kill(this.#world.clock);
    this.dialer.kill(this.#world.clock);
    this.clock.stop();
  }

  /** What a peer that has left should not have any more. */
  leftovers(): string[] {
    const left: string[] = [];
    if (this.clock.running > 0) left.push(`${this.clock.running} timers`);
    if (this.dialer.links.size > 0) left.push(`${this.dialer.links.size} links`);
    if (this.dialer.dialing > 0) left.push(`${this.dialer.dialing} dials`);
    return left;
  }

  /** By the first neighbour that holds anything; `wait` while there may still be one, null when it is time to start. */
  #startByNeighbour(): number | 'wait' | null {
    const { channel, storeOf, originServer } = this.#world;
    for (const { peer } of this.engine.snapshot().neighbours) {
      const held = storeOf(peer)?.heldChunks ?? [];
      if (held.length > 0) return proportionalStart(Math.min(...held), originServer.newest + 1) * channel.chunkUs;
    }
    return this.clock.nowMs() - this.#arrivedMs < MEETING_MS ? 'wait' : null;
  }

  /** A chunk's own duration and `liveOffsetChunks` more behind what is on air now. */
  #startByClock(): number {
    const { channel, liveOffsetChunks, wallClockMs } = this.#world;
    return Math.max(0, (wallClockMs() - channel.options.firstOnAirMs) * 1000 - (1 + liveOffsetChunks) * channel.chunkUs);
  }

  #check(chunk: ChunkIndex, bytes: Uint8Array): void {
    if (Buffer.compare(bytes, this.#world.channel.bytes(chunk)) !== 0) {
      this.#world.onViolation(`${this.id} was given wrong bytes to play as chunk ${chunk}`);
    }
    this.#world.onDelivered(chunk);
  }
}

/** What a peer of bad behaviour does to what its engine sends. */
function tamperOf(behaviour: Behaviour): Tamper | undefined {
  if (behaviour === 'mute') {
    return (bytes) => (bytes[0] === MESSAGES.piece.type || bytes[0] === MESSAGES.reject.type ? null : bytes);
  }
  if (behaviour !== 'liar') return undefined;
  return (bytes) => {
    if (bytes[0] !== MESSAGES.piece.type) return bytes;
    const lie = bytes.slice();
    for (let at = 8; at < lie.length; at++) lie[at]! ^= 0xff;
    return lie;
  };
}
