/**
 * Carries out what the policies decide: gathers which chunks are wanted and by when, asks `pickPieces` for the order
 * and `pickSource` for each piece, and hands the answers to the requester and the seeder's fetcher. One pass costs in
 * proportion to what is missing, nothing when nothing is: it runs some twenty times a second in every viewer, so what
 * several pieces have in common is looked up once, and what no decision asks for is not computed.
 */
import type { StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { DutyLineOfPeer } from './duty-line.ts';
import { hashText, mix, pieceKey } from './keys.ts';
import type { LagMeter } from './lag-meter.ts';
import type { Neighbour } from './neighbour.ts';
import type { OriginRoute } from './origin-route.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { Situation } from './piece-situation.ts';
import { distanceClass } from './policy/distance.ts';
import { dueAfterMs } from './policy/due-in-turn.ts';
import { dutyRunLength, isShortOf, mayFeed, rankDelayMs } from './policy/origin-rank.ts';
import { firstPiece, pickPieces } from './policy/pick-pieces.ts';
import { pickSource, urgencyMs } from './policy/pick-source.ts';
import type { Policies } from './policy/policies.ts';
import { epochOf, substreamOf } from './policy/substreams.ts';
import type { Requester } from './requester.ts';
import type { Shortage } from './shortage.ts';
import { Source } from './source.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Swarm } from './swarm.ts';
import { SHORT_REST_MS, WantedChunks, type Target, type WantedChunksOptions } from './wanted-chunks.ts';

export interface SchedulerOptions extends WantedChunksOptions {
  readonly selfPeer: string;
  readonly policies: Policies;
  readonly subscriptions: Subscriptions;
  /** Whether substreams are pushed now. */
  readonly isPushed: () => boolean;
  readonly requester: Requester;
  readonly origin: OriginRoute;
  readonly swarm: Swarm;
  readonly lag: LagMeter;
  readonly shortage: Shortage;
  readonly isProgressive: (stream: StreamId) => boolean;
}

/** What one pass knows of the moment. */
interface Pass {
  /** Neighbours to ask, once a chunk needs them. */
  sources: Source[] | null;
  readonly isIntroducing: boolean;
  readonly isAlone: boolean;
  readonly isPushed: boolean;
  /** Milliseconds until the seeder would have sent a piece; null after something was asked of it. */
  originMs: number | null;
  /** The same, but for rare answers. */
  originBoundMs: number | null;
  /** Until when pieces can wait that were not placed, ms. */
  nextMs: number;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #selfHash: number;
  readonly #wanted: WantedChunks;
  readonly #line: DutyLineOfPeer;
  readonly #situation: Situation;
  readonly #roomOf: (neighbour: Neighbour) => number;
  #hasUnplaced = false;
  #noLineUntilMs = -Infinity;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#selfHash = hashText(options.selfPeer);
    this.#wanted = new WantedChunks(options);
    this.#roomOf = (neighbour) => options.requester.room(neighbour);
    this.#line = new DutyLineOfPeer(this.#selfHash, options.policies.duty);
    this.#situation = new Situation(this.#line, options.settings.lineDelayMs);
  }

  /** Whether a chunk was wanted at the last pass. */
  isWanted(chunk: PendingChunk): boolean {
    return this.#wanted.has(chunk);
  }

  /** Whether the last pass found anything to fetch. */
  get hasTargets(): boolean {
    return this.#wanted.count > 0;
  }

  /** Whether the last pass left pieces that nobody was asked for: news of holders or room may place them. */
  get hasUnplaced(): boolean {
    return this.#hasUnplaced;
  }

  /** What the seeder may well take to bring a piece, ms: whatever is nearer to the playhead than this is on its way. */
  get supplyMs(): number {
    const { settings, origin, lag } = this.#options;
    return urgencyMs(origin.boundMs(PIECE_BYTES), true, lag.ms, settings);
  }

  /** One pass. @returns milliseconds after which another is due even if nothing happens. */
  run(): number {
    const { settings, swarm, clock, playhead, policies } = this.#options;
    const targets = this.#wanted.gather();
    this.#hasUnplaced = false;
    if (targets.length === 0) return IDLE_MS;
    const { isIntroducing } = swarm;
    const isAlone = !this.#hasSource();
    if (isIntroducing || isAlone) this.#noLineUntilMs = clock.nowMs();
    const pass: Pass = {
      sources: null,
      // Until a picture shows, its pieces alone are worth the seeder's and the page's time.
      isIntroducing: isIntroducing || playhead.isStarting,
      isAlone,
      isPushed: this.#options.isPushed(),
      originMs: null,
      originBoundMs: null,
      nextMs: IDLE_MS,
    };
    for (const target of pickPieces(targets, policies.pieceOrder, settings)) this.#place(target, pass);
    return Math.max(Math.min(pass.nextMs, this.hasUnplaced ? settings.tickMs : IDLE_MS), 5);
  }

  #hasSource(): boolean {
    for (const neighbour of this.#options.swarm.neighbours.values()) if (isSource(neighbour)) return true;
    return false;
  }

  #sources(): Source[] {
    const sources: Source[] = [];
    for (const neighbour of this.#options.swarm.neighbours.values()) if (isSource(neighbour)) sources.push(new Source(neighbour, this.#roomOf));
    return sources;
  }

  #place(target: Target, pass: Pass): void {
    const { settings, origin, playhead, clock, requester, subscriptions } = this.#options;
    const { chunk, slackMs } = target;
    if (!chunk.hasFree && this.#isLinedUp(target)) return;
    // Later on the buffer bears what the host is late; there a hiccup would only send everybody to the seeder.
    const lagMs = playhead.isSettling ? this.#options.lag.ms : 0;
    const originMs = (pass.originMs ??= origin.expectedMs(PIECE_BYTES));
    const urgentMs = urgencyMs((pass.originBoundMs ??= origin.boundMs(PIECE_BYTES)), playhead.isSettling, lagMs, settings);
    const spareMs = slackMs - urgentMs;
    if (pass.isPushed && this.#isUnderWay(chunk, spareMs)) return;
    const nowMs = clock.nowMs();
    const sources = (pass.sources ??= this.#sources());
    const holders: Source[] = [];
    for (const source of sources) {
      // A snubbed neighbour's promises count for nothing: what only it holds is held by nobody.
      if (source.look(chunk) && source.neighbour.snubbedUntilMs <= nowMs) holders.push(source);
    }
    if (holders.length > 0) chunk.heldElsewhereSinceMs ??= nowMs;
    this.#lineUp(target, sources, holders.length > 0 ? settings.farWindowMs : settings.originWindowMs, nowMs);
    this.#line.spareMs = spareMs;
    // News of others' turns is late by what the host is.
    this.#line.delayMs = rankDelayMs(spareMs, settings) + lagMs;
    const situation = this.#situation;
    situation.aheadMs = target.aheadMs;
    situation.originMs = originMs;
    situation.urgentMs = urgentMs;
    situation.inLineMs = chunk.heldElsewhereSinceMs === null ? 0 : nowMs - chunk.heldElsewhereSinceMs;
    // A host that is very late will be late with meeting peers too, and with everything else meanwhile: it lays in something first.
    const isLate = lagMs >= LATE_HOST_MS || (playhead.isSettling && urgentMs >= LATE_ANSWER_MS);
    situation.isIntroducing = pass.isIntroducing && !(isLate && target.aheadMs <= LATE_SUPPLY_MS);
    situation.isAlone = pass.isAlone;
    situation.isShared = !playhead.hasStarted && this.#line.rivals.length > 0;
    const { toAsk, fromOrigin } = this.#pickSources(target, holders, pass);
    // Also what is due in its turn is not waited for longer than the chunk: who dawdles with it is found out while there is time.
    for (const source of toAsk) {
      const pieces = source.takeAsked();
      if (pass.isPushed) subscriptions.forgo(chunk, pieces, source.neighbour);
      requester.ask(source.neighbour, chunk, pieces, slackMs, urgentMs);
    }
    if (fromOrigin.length === 0) return;
    if (pass.isPushed) subscriptions.forgo(chunk, fromOrigin, null);
    pass.originMs = null;
    pass.originBoundMs = null;
    this.#fetch(target, fromOrigin, urgentMs);
  }

  /** Whether it is known since when the chunk is held elsewhere, and since when the seeder may be asked for it. */
  #isLinedUp({ chunk, aheadMs }: Target): boolean {
    return chunk.heldElsewhereSinceMs !== null && (chunk.claimableSinceMs !== null || aheadMs > this.#options.settings.originWindowMs);
  }

  /** Who else wants the chunk, and how long there has been a line for it. */
  #lineUp({ chunk, aheadMs }: Target, sources: readonly Source[], windowMs: number, nowMs: number): void {
    const { settings, playhead, swarm, timelines } = this.#options;
    const line = this.#line;
    line.gather(chunk, sources, { timeline: timelines.get(chunk.stream), mediaUs: playhead.mediaUs, nowMs }, windowMs);
    // The swarm at large wants it as much as the neighbours do.
    line.unseen = line.rivals.length * Math.max(0, (swarm.size - 1) / Math.max(1, sources.length) - 1);
    if (chunk.claimableSinceMs === null && aheadMs <= settings.originWindowMs) chunk.claimableSinceMs = nowMs;
    // Waiting begins when there is a line to wait in: not while peers are being met, nor while there were none.
    line.waitedMs = chunk.claimableSinceMs === null ? 0 : nowMs - Math.max(chunk.claimableSinceMs, this.#noLineUntilMs);
    line.startupDelayMs = playhead.hasStarted ? null : settings.startupRankDelayMs;
  }

  /** Plans each free piece of the chunk at a holder, or leaves it. @returns holders with something planned, and pieces for the seeder. */
  #pickSources({ chunk, slackMs }: Target, holders: readonly Source[], pass: Pass): { toAsk: Source[]; fromOrigin: number[] } {
    const { settings, playhead, subscriptions, shortage } = this.#options;
    const { isPushed } = pass;
    const shortShare = playhead.isSettling ? 0 : shortage.share;
    const situation = this.#situation;
    const line = this.#line;
    const runLength = dutyRunLength(chunk.pieces, settings);
    // In the first seconds a chunk's beginning is played before its end is here, and each piece is due in its turn;
    // later on every chunk is to be here whole before its moment.
    const isPlayedByPart = playhead.isSettling && this.#options.isProgressive(chunk.stream);
    const durationMs = isPlayedByPart ? chunk.record.durationUs / 1000 : 0;
    // Where answers take long each should bring more: half of what is urgent, or all where playback waits for it.
    const stepMs = this.#isBehind(chunk, slackMs, durationMs) ? Infinity : situation.urgentMs / 2;
    const start = firstPiece(this.#selfHash, chunk.pieces, slackMs, settings);
    const toAsk: Source[] = [];
    const fromOrigin: number[] = [];
    let feeds = false;
    line.run = -1;
    for (let step = 0; step < chunk.pieces; step++) {
      const piece = (start + step) % chunk.pieces;
      if (!chunk.isFree(piece)) continue;
      const run = isPushed ? substreamOf(piece, chunk.pieces) : Math.floor(piece / runLength);
      if (run !== line.run) {
        line.turnTo(chunk, run, isPushed);
        if (isPushed) situation.isShort = isShortOf(line, shortShare);
        feeds = isPushed && (situation.isShort || line.isFed);
      }
      if (!isPushed) situation.isShort = isShortOf({ self: this.#selfHash, chunk: chunk.index, run: piece, substream: null }, shortShare);
      if (feeds) subscriptions.leave(chunk, piece);
      else if (isPushed && subscriptions.expects(chunk, piece, line.spareMs)) continue;
      // The keyframe stands first: media is behind its share of the bytes, in chunks of a few pieces by one of these.
      const atMs = (Math.max(0, piece - 1) / chunk.pieces) * durationMs;
      situation.slackMs = slackMs + dueAfterMs(atMs, stepMs);
      situation.hasFailed = chunk.failed.has(piece);
      const best = this.#bestHolder(holders, chunk, piece);
      const choice = pickSource(situation, settings);
      if (choice.source === 'peer' && best) {
        if (best.asked.length === 0) toAsk.push(best);
        best.plan(piece);
      } else if (choice.source === 'origin') {
        if ((choice.reason === 'late' || situation.isShort) && !playhead.isSettling) chunk.lacked.set(piece);
        fromOrigin.push(piece);
      } else if (choice.source === 'wait') {
        this.#hasUnplaced = true;
        pass.nextMs = Math.min(pass.nextMs, choice.forMs);
      }
    }
    return { toAsk, fromOrigin };
  }

  /** Whether playback will stop for want of the chunk's next piece: then its rest is worth one question, not one for each part. */
  #isBehind(chunk: PendingChunk, slackMs: number, durationMs: number): boolean {
    const next = chunk.prefixBytes / chunk.record.bytes;
    return this.#options.playhead.hasStarted && slackMs + next * durationMs < this.#situation.originMs;
  }

  /** Whether parents send all that is missing, none of it late, and this peer feeds none of it from the seeder. */
  #isUnderWay(chunk: PendingChunk, spareMs: number): boolean {
    const { shortage, subscriptions, swarm } = this.#options;
    for (let piece = 0; piece < chunk.pieces; piece++) {
      if (!chunk.isFree(piece)) continue;
      if (!subscriptions.expects(chunk, piece, spareMs)) return false;
      const substream = substreamOf(piece, chunk.pieces);
      const line = { self: this.#selfHash, chunk: epochOf(chunk.index), run: substream, substream };
      if (mayFeed(line, swarm.size) || isShortOf(line, shortage.share)) return false;
    }
    return true;
  }

  /**
   * The holder to ask: the soonest while time is short; with time to spare any that is soon enough, drawn by rendezvous
   * so that each piece spreads evenly over its holders. Tells the situation what it found.
   */
  #bestHolder(holders: readonly Source[], chunk: PendingChunk, piece: number): Source | null {
    const { lineSlackMs, latePeerMs } = this.#options.settings;
    const { slackMs } = this.#situation;
    const isByDistance = this.#options.policies.peers === 'proximity';
    const hasTime = slackMs > lineSlackMs;
    let best: Source | null = null;
    let bestMs: number | null = null;
    let bestScore = Infinity;
    let held = 0;
    for (const source of holders) {
      if (!source.holds(piece)) continue;
      const { neighbour, expectedMs: ms } = source;
      // Whoever would be late holds it for others, not for us.
      if (ms <= Math.max(slackMs, latePeerMs)) held++;
      if (!source.hasRoom) continue;
      const isSoonEnough = hasTime && ms < lineSlackMs / 2;
      let score = isSoonEnough ? mix(neighbour.hash ^ this.#selfHash, piece) - 2 ** 32 : ms;
      // Of those that are in no hurry the near ones first, whatever the others' score.
      if (isByDistance && ms < slackMs / 2) score += distanceClass(neighbour.distanceMs) * 2 ** 33 - 2 ** 40;
      if (score >= bestScore || neighbour.requests.has(pieceKey(chunk.stream, chunk.index, piece))) continue;
      best = source;
      bestMs = ms;
      bestScore = score;
    }
    this.#situation.peerMs = bestMs;
    this.#situation.held = held;
    return best;
  }

  #fetch({ chunk, slackMs, aheadMs }: Target, pieces: number[], urgentMs: number): void {
    const { origin, playhead } = this.#options;
    pieces.sort((a, b) => a - b);
    // What can wait comes one chunk after the other, as hls.js would fetch it: side by side they would all be late. And
    // before the first frame everything goes to the chunk that shows it, and to one that follows at once.
    const isNext = (slackMs <= urgentMs && (playhead.hasStarted || aheadMs <= SHORT_REST_MS)) || !origin.isBusyElsewhere(chunk);
    if (!isNext || !origin.fetch(chunk, pieces, slackMs, urgentMs)) this.#hasUnplaced = true;
  }
}

/** The host stands where the seeder would: it is no holder to be asked like others. */
const isSource = (neighbour: Neighbour): boolean => neighbour.state === 'active' && !neighbour.isHost;

/** Pause between two passes when everything wanted is here or on its way; the playhead moves on meanwhile. */
const IDLE_MS = 250;

/** More than a busy moment: a host whose start alone took that much too long. */
const LATE_HOST_MS = 400;

/** Answers of the seeder that take this long say the same of the machine, or of the way between. */
const LATE_ANSWER_MS = 1_000;

/** How far ahead a late host fetches before it knows anybody, ms of media. */
const LATE_SUPPLY_MS = 6_000;
