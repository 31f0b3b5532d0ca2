/**
 * The peer: puts the parts together, drives them from events and a slow tick, and answers the player. It decides
 * nothing itself; what to fetch from whom is in policy/, what happens on the wire in conversation.ts and swarm.ts. Longer
 * than other files because it is the one place where all parts meet; half of it is that wiring.
 */
import { base64ToBytes } from '#protocol/base64';
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import type { ChunkRecord, LogEntry } from '#protocol/record';
import type { Position } from '#protocol/tracker-events';
import { Announcer } from './announcer.ts';
import { ChunkLibrary } from './chunk-library.ts';
import { Conversation } from './conversation.ts';
import { Deliveries } from './deliveries.ts';
import type { ChunkListener, Engine, EngineOptions, EnginePorts } from './engine-api.ts';
import { Forwarder } from './forwarder.ts';
import { LagMeter } from './lag-meter.ts';
import { LiveEdge } from './live-edge.ts';
import { hashText } from './keys.ts';
import { LogKeeper } from './log-keeper.ts';
import type { Neighbour } from './neighbour.ts';
import { OriginFetcher } from './origin-fetcher.ts';
import { OriginRoute } from './origin-route.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { Playhead } from './playhead.ts';
import { defaultPolicies } from './policy/policies.ts';
import type { Cancel, Random } from './ports.ts';
import { Requester } from './requester.ts';
import { Scheduler } from './scheduler.ts';
import { Retention } from './retention.ts';
import { Shortage } from './shortage.ts';
import { Slots } from './slots.ts';
import { Subscriptions } from './subscriptions.ts';
import { Swarm } from './swarm.ts';
import { Tally } from './tally.ts';
import { Timeline } from './timeline.ts';
import { Uploader } from './uploader.ts';
import { makeSnapshot } from './make-snapshot.ts';
import type { P2pMode, ViewerSnapshot } from './viewer-snapshot.ts';

/** Pieces of a pushed chunk are announced this long before they would be urgent. */
const TELL_BEFORE_MS = 700;
/** What a viewer may give before it took anything: pieces for a few newcomers. */
const FIRST_GIFT_BYTES = 4 * PIECE_BYTES;

/** Share of a stream that parents send unasked from which it counts as pushed. */
const PUSHED_SHARE = 0.5;
/** Passes follow events at once, but not more often than this: one pass serves a burst of arrivals. */
const MIN_PASS_MS = 12;

export const createEngine = (ports: EnginePorts, options: EngineOptions): Engine => new PeerEngine(ports, options);

class PeerEngine implements Engine {
  readonly #ports: EnginePorts;
  readonly #options: EngineOptions;
  readonly #random: Random;
  readonly #library: ChunkLibrary;
  readonly #log: LogKeeper;
  readonly #playhead: Playhead;
  readonly #lag: LagMeter;
  readonly #timelines = new Map<StreamId, Timeline>();
  readonly #swarm: Swarm;
  readonly #requester: Requester;
  readonly #fetcher: OriginFetcher;
  readonly #uploader: Uploader;
  readonly #forwarder: Forwarder;
  readonly #subscriptions: Subscriptions;
  readonly #announcer: Announcer;
  readonly #scheduler: Scheduler;
  readonly #deliveries = new Deliveries();
  readonly #liveEdge: LiveEdge;
  readonly #shortage = new Shortage();
  readonly #slots: Slots;
  readonly #retention: Retention;
  readonly #tally: Tally;
  readonly #recordListeners = new Set<(stream: StreamId) => void>();
  readonly #isByDistance: boolean;
  #mode: P2pMode;
  #streams: readonly StreamId[];
  #state: 'new' | 'running' | 'closed' = 'new';
  #pass: Cancel | null = null;
  #passAtMs = -Infinity;
  #reviewedAtMs = -Infinity;
  #clockOffsetMs: number | null = null;
  #announcedPlayhead: ChunkIndex | null = null;
  #isChannelGone = false;

  constructor(ports: EnginePorts, options: EngineOptions) {
    const { clock, hasher, origin, store, dialer, tracker } = ports;
    const { settings, channel, description } = options;
    this.#ports = ports;
    this.#options = options;
    this.#mode = options.mode;
    this.#random = ports.random.fork('engine');
    this.#streams = [description.streams[0]!.id as StreamId];
    this.#library = new ChunkLibrary(store);
    this.#playhead = new Playhead(clock, settings);
    this.#lag = new LagMeter(clock);
    this.#lag.note(clock.nowMs() - (options.lateMs ?? 0));
    this.#tally = new Tally(clock);
    const neighbours = (): Iterable<Neighbour> => this.#swarm.neighbours.values();
    this.#log = new LogKeeper({
      clock,
      hasher,
      origin,
      settings,
      channel,
      publicKey: base64ToBytes(description.publicKey),
      kind: description.kind,
      streams: description.streams,
      neighbours,
      onLearned: (stream, chunk) => this.#onLearned(stream, chunk),
      onForged: (neighbour) => this.#swarm.ban(neighbour),
      onOriginAnswer: (isGood) => {
        this.#fetcher.noteAnswer(isGood);
        this.#soon();
      },
      mayAskOrigin: () => this.#fetcher.retryInMs === 0,
      isOriginFailing: () => this.#fetcher.isFailing,
    });
    for (const stream of description.streams) {
      const id = stream.id as StreamId;
      this.#timelines.set(id, new Timeline(stream, this.#log.get(id)!, description.kind));
    }
    const policies = { ...defaultPolicies, ...options.policies };
    this.#isByDistance = policies.peers === 'proximity';
    const canPush = policies.delivery === 'push' && description.kind === 'live' && options.role === 'viewer';
    const isPushed = (): boolean => canPush && this.#swarm.size >= settings.pushFromPeers && this.#shortage.share < 2;
    this.#subscriptions = new Subscriptions({ clock, isEnabled: isPushed, isByDistance: this.#isByDistance, neighbours, isChild: (...which) => this.#forwarder.sends(...which), hasChildren: (...which) => this.#forwarder.sendsAny(...which), headOf: (stream) => this.#log.get(stream)?.head ?? null });
    this.#requester = new Requester({
      clock,
      hasher,
      settings,
      library: this.#library,
      subscriptions: this.#subscriptions,
      onVerified: (chunk, piece, source) => this.#onVerified(chunk, piece, source),
      onWrongPiece: (neighbour) => this.#swarm.ban(neighbour),
      onWrongOrigin: () => this.#fetcher.noteAnswer(false),
      onWasted: (bytes) => this.#tally.wasted += bytes,
    });
    this.#fetcher = new OriginFetcher({
      clock,
      origin,
      settings,
      onPiece: (chunk, piece, bytes) => this.#requester.verify(chunk, piece, bytes, null),
      onRoom: () => this.#soon(),
      onGone: (stream, chunk) => this.#onGone(stream, chunk),
    });
    this.#uploader = new Uploader({
      clock,
      settings,
      lag: this.#lag,
      library: this.#library,
      neighbours,
      allowance: () => (isPushed() ? this.#tally.allowance(settings.serveRatio, FIRST_GIFT_BYTES) : Infinity),
      onSent: (bytes) => this.#tally.onSent(bytes),
    });
    this.#forwarder = new Forwarder({ settings, library: this.#library, uploader: this.#uploader, selfHash: hashText(options.peer), slackMs: (startUs) => this.#playhead.slackMs(startUs) });
    this.#announcer = new Announcer({
      clock,
      settings,
      library: this.#library,
      neighbours,
      streamsInUse: () => this.#streams,
      playhead: (stream) => this.#chunkAtPlayhead(stream),
      quietMs: (chunk) => this.#quietMs(chunk),
    });
    this.#swarm = new Swarm({
      clock,
      random: this.#random.fork('swarm'),
      dialer,
      lag: this.#lag,
      tracker,
      settings,
      policy: policies.peers,
      channel,
      self: options.peer,
      position: () => this.#position(),
      uploads: () => this.#mode === 'on',
      onMessage: (neighbour, bytes) => this.#conversation.onMessage(neighbour, bytes),
      onActive: (neighbour) => this.#onActive(neighbour),
      onGone: (neighbour) => {
        this.#requester.release(neighbour);
        this.#uploader.drop(neighbour);
        this.#forwarder.drop(neighbour);
        this.#subscriptions.drop(neighbour);
        this.#tally.onNeighbourGone(neighbour);
        this.#soon();
      },
      onJoined: (joined) => {
        this.#clockOffsetMs = joined.clockOffsetMs;
        for (const head of joined.heads) this.#log.offer(head);
        this.#soon();
      },
      onHead: (head) => this.#log.offer(head),
      onHosted: () => this.#soon(),
      hosted: options.hosted,
      onRefused: (reason) => {
        this.#isChannelGone = reason === 'unknownChannel';
        this.#soon();
      },
    });
    this.#conversation = new Conversation({
      clock,
      swarm: this.#swarm,
      log: this.#log,
      requester: this.#requester,
      uploader: this.#uploader,
      forwarder: this.#forwarder,
      subscriptions: this.#subscriptions,
      onNews: () => {
        if (this.#scheduler.hasUnplaced) this.#soon();
      },
    });
    this.#liveEdge = new LiveEdge({ clock, log: this.#log, random: this.#random, neighbours, isTold: () => this.#hearsOfHeads });
    this.#slots = new Slots({ settings, policy: policies.choke, uploader: this.#uploader, forwarder: this.#forwarder, random: this.#random, neighbours });
    this.#retention = new Retention({
      settings,
      library: this.#library,
      log: this.#log,
      neighbours,
      playhead: (stream) => this.#chunkAtPlayhead(stream),
      onDropped: (stream, chunk) => this.#announcer.onDropped(stream, chunk),
      onPast: (stream, chunk) => this.#deliveries.fail(stream, chunk, 'gone'),
    });
    this.#scheduler = new Scheduler({
      clock,
      settings,
      selfPeer: options.peer,
      role: options.role,
      policies,
      isPushed,
      subscriptions: this.#subscriptions,
      library: this.#library,
      log: this.#log,
      requester: this.#requester,
      origin: new OriginRoute({ requester: this.#requester, fetcher: this.#fetcher, swarm: this.#swarm }),
      swarm: this.#swarm,
      playhead: this.#playhead,
      lag: this.#lag,
      shortage: this.#shortage,
      timelines: this.#timelines,
      isProgressive: (stream) => description.streams.find((one) => one.id === stream)?.isProgressive ?? false,
      streamsInUse: () => this.#streams,
      requested: () => this.#deliveries.waiting(),
    });
  }

  readonly #conversation: Conversation;

  offerEntries(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#log.offer(entry);
  }

  hold(entry: LogEntry): void {
    const { record } = entry.signed;
    this.#log.offer(entry);
    this.#library.hold(record);
    this.#announcer.onHeld(record.stream, record.index);
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#playhead.start();
    if (this.#mode !== 'off') this.#enter();
    this.#run();
  }

  setMode(mode: P2pMode): void {
    if (mode === this.#mode || this.#state === 'closed') return;
    const before = this.#mode;
    this.#mode = mode;
    if (this.#state !== 'running') return;
    if (mode === 'off') {
      this.#uploader.setEnabled(false);
      this.#announcer.isEnabled = false;
      this.#swarm.leave();
    } else if (before === 'off') this.#enter();
    else this.#setServing(mode === 'on');
    this.#soon();
  }

  setPlayhead(playhead: { readonly mediaUs: number; readonly rate: number; readonly hasStarted: boolean }): void {
    const isSeek = this.#playhead.set(playhead.mediaUs, playhead.rate, playhead.hasStarted);
    const chunk = this.#chunkAtPlayhead(this.#streams[0]!);
    if (chunk !== this.#announcedPlayhead) {
      this.#announcedPlayhead = chunk;
      for (const stream of this.#streams) this.#announcer.onPlayhead(stream);
    }
    if (isSeek) this.#run();
    else if (this.#scheduler.hasUnplaced) this.#soon();
  }

  get supplyMs(): number {
    return this.#scheduler.supplyMs;
  }

  setStreams(streams: readonly StreamId[]): void {
    this.#streams = streams.filter((stream) => this.#timelines.has(stream));
    this.#soon();
  }

  getChunk(stream: StreamId, chunk: ChunkIndex, listener: ChunkListener): Cancel {
    if (this.#state === 'closed') {
      listener.onFailed('closed');
      return () => undefined;
    }
    const cancel = this.#deliveries.add(stream, chunk, listener);
    const held = this.#library.held.get(this.#deliveries.keyOf(stream, chunk));
    const bytes = this.#library.read(stream, chunk);
    if (held && bytes) {
      // Never from inside the call that asked (ports.ts).
      this.#ports.clock.after(0, () => this.#deliveries.deliver(stream, chunk, held, bytes, true));
    } else this.#soon();
    return cancel;
  }

  records(stream: StreamId): readonly ChunkRecord[] {
    return this.#log.get(stream)?.consecutive() ?? [];
  }

  onRecords(listener: (stream: StreamId) => void): Cancel {
    this.#recordListeners.add(listener);
    return () => this.#recordListeners.delete(listener);
  }

  snapshot(): ViewerSnapshot {
    return makeSnapshot({
      nowMs: this.#ports.clock.nowMs(),
      mode: this.#mode,
      kind: this.#options.description.kind,
      streams: this.#streams,
      swarm: this.#swarm,
      library: this.#library,
      timelines: this.#timelines,
      playheadUs: this.#playhead.mediaUs,
      tally: this.#tally,
      isSeederFailing: this.#fetcher.isFailing,
      trackerMs: this.#clockOffsetMs === null ? null : this.#ports.wallClockMs() + this.#clockOffsetMs,
      log: this.#log,
      isChannelGone: this.#isChannelGone,
      isWaiting: this.#deliveries.isWaiting,
      isHost: this.#options.role === 'host',
    });
  }

  report(playback: Parameters<Engine['report']>[0]): void {
    if (this.#mode === 'off' || this.#state !== 'running') return;
    const bytes = this.#tally.totals(this.#swarm.neighbours.values());
    this.#ports.tracker.report({
      ...playback,
      bytesFromPeers: bytes.fromPeers,
      bytesFromSeeder: bytes.fromSeeder,
      bytesToPeers: bytes.toPeers,
      controlBytes: bytes.control,
      links: this.#swarm.neighbours.size,
    });
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#pass?.();
    this.#announcer.close();
    this.#uploader.close();
    this.#swarm.leave();
    this.#ports.dialer.close();
    this.#fetcher.close();
    this.#log.close();
    this.#recordListeners.clear();
    this.#deliveries.failAll('closed');
    this.#library.clear();
  }

  #enter(): void {
    this.#setServing(this.#mode === 'on');
    this.#swarm.join();
  }

  #setServing(isServing: boolean): void {
    this.#uploader.setEnabled(isServing);
    for (const neighbour of this.#swarm.neighbours.values()) {
      if (neighbour.state !== 'active') continue;
      if (isServing) continue;
      this.#announcer.retract(neighbour);
    }
    this.#announcer.isEnabled = isServing;
    if (!isServing) return;
    for (const neighbour of this.#swarm.neighbours.values()) if (neighbour.state === 'active') this.#announcer.greet(neighbour);
  }

  #onActive(neighbour: Neighbour): void {
    neighbour.link.onDrained(() => this.#uploader.serve());
    this.#announcer.greet(neighbour);
    this.#soon();
  }

  #onLearned(stream: StreamId, chunk: ChunkIndex): void {
    const log = this.#log.get(stream)!;
    if (this.#options.description.kind === 'live') {
      this.#liveEdge.onLearned();
      const oldest = (log.head ?? 0) - this.#options.description.windowChunks;
      if (chunk === log.head) this.#retention.forgetBefore(stream, oldest);
    }
    for (const listener of [...this.#recordListeners]) listener(stream);
    this.#soon();
  }

  #onVerified(chunk: PendingChunk, piece: number, source: 'peer' | 'seeder'): void {
    this.#tally.onVerified(source, chunk.lengthOf(piece));
    this.#forwarder.onVerified(chunk, piece);
    if (source === 'seeder') this.#subscriptions.onSeeder(chunk, piece);
    this.#deliveries.progress(chunk);
    if (!chunk.isComplete) {
      this.#announcer.onPiece(chunk);
      if (this.#scheduler.hasUnplaced) this.#soon();
      return;
    }
    this.#shortage.onComplete(chunk);
    const held = this.#library.complete(chunk, this.#ports.clock.nowMs());
    this.#requester.cancelChunk(this.#swarm.neighbours.values(), chunk);
    this.#announcer.onHeld(chunk.stream, chunk.index);
    this.#deliveries.deliver(chunk.stream, chunk.index, held, this.#library.read(chunk.stream, chunk.index) ?? chunk.buffer, false);
    this.#retention.makeRoom(this.#streams);
    this.#soon();
  }

  /**
   * The seeder says it does not have a chunk. Of a film that is a fault to wait out; of a live stream it is past, or its
   * host went between its record and its bytes, which is no reason to ask for nothing else.
   */
  #onGone(stream: StreamId, chunk: ChunkIndex): void {
    const { kind, windowChunks } = this.#options.description;
    const head = this.#log.get(stream)?.head ?? 0;
    if (kind === 'vod') this.#fetcher.noteAnswer(false);
    else if (chunk <= head - windowChunks) this.#deliveries.fail(stream, chunk, 'gone');
  }

  /** Most of the stream is pushed, and neighbours have time to wait for it: they are about where this peer is. */
  #quietMs(chunk: PendingChunk): number {
    if (this.#subscriptions.shareOf(chunk.stream) < PUSHED_SHARE) return 0;
    return Math.max(0, this.#playhead.slackMs(chunk.record.startUs) - this.#options.settings.urgentSteadyMs - TELL_BEFORE_MS);
  }

  #chunkAtPlayhead(stream: StreamId): ChunkIndex | null {
    if (!this.#playhead.isKnown || this.#options.role !== 'viewer') return null;
    return this.#timelines.get(stream)?.at(this.#playhead.mediaUs) ?? null;
  }

  #position(): Position {
    const { settings, role, utcOffsetMinutes } = this.#options;
    return {
      mediaMs: this.#playhead.isKnown && role === 'viewer' ? Math.max(0, Math.round(this.#playhead.mediaUs / 1000)) : -1,
      uploads: this.#mode === 'on',
      links: this.#swarm.neighbours.size,
      maxLinks: settings.maxNeighbours,
      ...(this.#isByDistance && utcOffsetMinutes !== undefined && { utcOffsetMinutes }),
    };
  }

  /** Whether anybody would tell of a new live chunk. */
  get #hearsOfHeads(): boolean {
    if (this.#mode !== 'off' && this.#ports.tracker.isConnected) return true;
    for (const neighbour of this.#swarm.neighbours.values()) if (neighbour.state === 'active') return true;
    return false;
  }

  /** A pass now, or as soon as the last one is long enough ago. */
  #soon(): void {
    if (this.#state !== 'running') return;
    const sinceMs = this.#ports.clock.nowMs() - this.#passAtMs;
    // A pass that had nothing to look at keeps nobody waiting: what comes now may be what the first frame waits for.
    this.#schedule(this.#scheduler.hasTargets ? Math.max(0, MIN_PASS_MS - sinceMs) : 0);
  }

  #dueAtMs = Infinity;

  #schedule(ms: number): void {
    const dueAtMs = this.#ports.clock.nowMs() + ms;
    if (this.#pass && this.#dueAtMs <= dueAtMs) return;
    this.#pass?.();
    this.#dueAtMs = dueAtMs;
    this.#pass = this.#ports.clock.after(ms, () => {
      this.#pass = null;
      this.#lag.note(dueAtMs);
      this.#run();
    });
  }

  #run(): void {
    if (this.#state !== 'running') return;
    this.#pass?.();
    this.#pass = null;
    const nowMs = this.#ports.clock.nowMs();
    this.#passAtMs = nowMs;
    if (nowMs - this.#reviewedAtMs >= this.#options.settings.tickMs) {
      this.#reviewedAtMs = nowMs;
      this.#swarm.review();
      if (this.#options.description.kind === 'live' && this.#options.role !== 'host') this.#liveEdge.follow(this.#streams);
    }
    this.#requester.lapse(this.#swarm.neighbours.values());
    const nextMs = this.#scheduler.run();
    this.#fetcher.review((chunk) => this.#scheduler.isWanted(chunk));
    this.#cleanPending();
    this.#slots.review(nowMs);
    this.#forwarder.review(nowMs);
    this.#schedule(nextMs);
  }

  /** Chunks begun and no longer wanted, after a seek: their requests are taken back, their pieces forgotten. */
  #cleanPending(): void {
    for (const chunk of this.#library.pending.values()) {
      if (this.#scheduler.isWanted(chunk)) continue;
      this.#requester.cancelChunk(this.#swarm.neighbours.values(), chunk);
      if (chunk.checking.count === 0) this.#library.forget(chunk.stream, chunk.index);
    }
  }
}
