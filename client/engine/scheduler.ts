/**
 * Carries out what the policies decide: gathers which chunks are wanted and by when, asks `pickPieces` for the order
 * and `pickSource` for each piece, and hands the answers to the requester and the seeder's fetcher. One pass costs in
 * proportion to what is missing, nothing when nothing is. Longer than other files: what one pass knows of a chunk would
 * otherwise be handed from file to file.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { FEATURE } from '#protocol/messages';
import type { ChunkLibrary } from './chunk-library.ts';
import { hashText, mix, pieceKey } from './keys.ts';
import type { LagMeter } from './lag-meter.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { Neighbour } from './neighbour.ts';
import type { OriginRoute } from './origin-route.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { Playhead } from './playhead.ts';
import { dutyRunLength, dutyTurnMs, isFeeder, mayFeed, originPlace, rankDelayMs } from './policy/origin-rank.ts';
import { firstPiece, pickPieces } from './policy/pick-pieces.ts';
import { pickSource, urgencyMs, type PieceSituation } from './policy/pick-source.ts';
import type { Policies } from './policy/policies.ts';
import { epochOf, substreamOf } from './policy/substreams.ts';
import type { Clock } from './ports.ts';
import type { Requester } from './requester.ts';
import type { Settings } from './settings.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Swarm } from './swarm.ts';
import type { ChunkTimes, Timeline } from './timeline.ts';

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly selfPeer: string;
  readonly role: 'viewer' | 'contributor' | 'host';
  readonly policies: Policies;
  readonly subscriptions: Subscriptions;
  /** Whether substreams are pushed now. */
  readonly isPushed: () => boolean;
  readonly library: ChunkLibrary;
  readonly log: LogKeeper;
  readonly requester: Requester;
  readonly origin: OriginRoute;
  readonly swarm: Swarm;
  readonly playhead: Playhead;
  readonly lag: LagMeter;
  readonly timelines: ReadonlyMap<StreamId, Timeline>;
  readonly isProgressive: (stream: StreamId) => boolean;
  readonly streamsInUse: () => readonly StreamId[];
  /** Chunks the player waits for. */
  readonly requested: () => Iterable<{ readonly stream: StreamId; readonly chunk: ChunkIndex }>;
}

/** A chunk to fetch, with what the policies ask about it. */
interface Target {
  readonly chunk: PendingChunk;
  readonly index: ChunkIndex;
  readonly slackMs: number;
  readonly aheadMs: number;
  readonly copies: number;
}

/** One neighbour's capacity during a pass. */
interface Source {
  readonly neighbour: Neighbour;
  room: number;
  planned: number;
}

interface Pass {
  readonly sources: Source[];
  readonly isIntroducing: boolean;
  readonly isAlone: boolean;
  readonly isPushed: boolean;
  nextMs: number;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #selfHash: number;
  #wanted = new Set<PendingChunk>();
  #hasUnplaced = false;
  #noLineUntilMs = -Infinity;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#selfHash = hashText(options.selfPeer);
  }

  /** Whether a chunk was wanted at the last pass. */
  isWanted(chunk: PendingChunk): boolean {
    return this.#wanted.has(chunk);
  }

  /** Whether the last pass found anything to fetch. */
  get hasTargets(): boolean {
    return this.#wanted.size > 0;
  }

  /** Whether the last pass left pieces that nobody was asked for: news of holders or room may place them. */
  get hasUnplaced(): boolean {
    return this.#hasUnplaced;
  }

  /** One pass. @returns milliseconds after which another is due even if nothing happens. */
  run(): number {
    const { settings, requester, swarm } = this.#options;
    const targets = this.#targets();
    this.#hasUnplaced = false;
    this.#wanted = new Set(targets.map((target) => target.chunk));
    if (targets.length === 0) return IDLE_MS;
    const sources: Source[] = [];
    for (const neighbour of swarm.neighbours.values()) {
      // The host stands where the seeder would: it is no holder to be asked like others.
      if (neighbour.state === 'active' && !neighbour.isHost) sources.push({ neighbour, room: requester.room(neighbour), planned: 0 });
    }
    if (swarm.isIntroducing || sources.length === 0) this.#noLineUntilMs = this.#options.clock.nowMs();
    // Until a picture shows, its pieces alone are worth the seeder's and the page's time.
    const isIntroducing = swarm.isIntroducing || this.#options.playhead.isStarting;
    const pass: Pass = { sources, isIntroducing, isAlone: sources.length === 0, isPushed: this.#options.isPushed(), nextMs: IDLE_MS };
    for (const target of pickPieces(targets, this.#options.policies.pieceOrder, settings)) this.#place(target, pass);
    return Math.max(Math.min(pass.nextMs, this.hasUnplaced ? settings.tickMs : IDLE_MS), 5);
  }

  /** Where each wanted chunk stands, opened for fetching where record and hashes are known. */
  #targets(): Target[] {
    const targets = new Map<PendingChunk, Target>();
    for (const { stream, chunk } of this.#options.requested()) {
      this.#options.log.ensure(stream, chunk, chunk, true);
      this.#addTarget(targets, stream, chunk, true);
    }
    // Until a picture shows, what the player asked for is what it waits for, wherever it was expected to begin.
    if (this.#options.playhead.isStarting && targets.size > 0) return [...targets.values()];
    for (const stream of this.#options.streamsInUse()) {
      const range = this.#range(stream);
      if (!range) continue;
      const near = Math.min(range.first + NEAR_CHUNKS, range.last);
      this.#options.log.ensure(stream, range.first, near, true);
      if (near < range.last) this.#options.log.ensure(stream, near + 1, range.last, false);
      for (let index = range.first; index <= range.last; index++) this.#addTarget(targets, stream, index as ChunkIndex, false);
    }
    return [...targets.values()];
  }

  /** First and last chunk in reach, from the playhead on; a contributor's reach is everything. */
  #range(stream: StreamId): { first: number; last: number } | null {
    const { timelines, playhead, role, settings } = this.#options;
    const timeline = timelines.get(stream);
    const last = timeline?.last ?? null;
    if (!timeline || last === null || role === 'host') return null;
    if (role === 'contributor') return { first: Math.max(0, last - CONTRIBUTOR_CHUNKS), last };
    if (!playhead.isKnown) return null;
    const first = timeline.at(playhead.mediaUs);
    if (first === null) return null;
    // Until a picture shows, what lies ahead only costs the time to look at it.
    if (playhead.isStarting) return { first, last: first };
    const end = timeline.at(playhead.mediaUs + settings.farWindowMs * 1000) ?? first;
    return { first, last: Math.min(last, end) };
  }

  #addTarget(targets: Map<PendingChunk, Target>, stream: StreamId, index: ChunkIndex, isAwaited: boolean): void {
    const { library, log, clock, timelines, playhead, swarm, role } = this.#options;
    if (library.isHeld(stream, index)) return;
    const record = log.get(stream)?.record(index);
    const hashes = log.get(stream)?.hashes(index);
    const times = timelines.get(stream)?.times(index);
    if (!record || !hashes || !times) return;
    const chunk = library.open(record, hashes, clock.nowMs());
    if (targets.has(chunk)) return;
    let copies = 0;
    for (const neighbour of swarm.neighbours.values()) if (neighbour.streams.get(stream)?.holds(index)) copies++;
    const isViewer = role === 'viewer';
    // Where in it the player will begin only the player knows: unless it is where playback was said to begin, anywhere.
    // What it asks for after that has the time of what comes before.
    const isFirst = isAwaited && playhead.isStarting && !library.isHeld(stream, (index - 1) as ChunkIndex);
    const slackMs = isFirst && times.startUs !== playhead.mediaUs ? -record.durationUs / 1000 : playhead.slackMs(times.startUs);
    targets.set(chunk, {
      chunk,
      index,
      copies,
      slackMs: isViewer ? slackMs : Infinity,
      aheadMs: isViewer ? (times.startUs - playhead.mediaUs) / 1000 : Infinity,
    });
  }

  #place(target: Target, pass: Pass): void {
    const { settings, policies, requester, origin, playhead, clock, swarm, subscriptions } = this.#options;
    const { isPushed } = pass;
    const { chunk, slackMs, aheadMs } = target;
    // Later on the buffer bears what the host is late; there a hiccup would only send everybody to the seeder.
    const lagMs = playhead.isSettling ? this.#options.lag.ms : 0;
    const urgentMs = urgencyMs(origin.expectedMs(PIECE_BYTES), playhead.isSettling, lagMs, settings);
    const spareMs = slackMs - urgentMs;
    if (isPushed && this.#isUnderWay(chunk, spareMs)) return;
    // A snubbed neighbour's promises count for nothing: what only it holds is held by nobody.
    const nowMs = clock.nowMs();
    const holders = pass.sources.filter(
      ({ neighbour }) => neighbour.snubbedUntilMs <= nowMs && neighbour.streams.get(chunk.stream)?.holdsSome(chunk.index),
    );
    if (holders.length > 0) chunk.heldElsewhereSinceMs ??= nowMs;
    const windowMs = holders.length > 0 ? settings.farWindowMs : settings.originWindowMs;
    const { rivals, before } = this.#rivals(target, pass.sources, windowMs);
    // The swarm at large wants it as much as the neighbours do.
    const unseen = rivals.length * Math.max(0, (swarm.size - 1) / Math.max(1, pass.sources.length) - 1);
    const inLineMs = chunk.heldElsewhereSinceMs === null ? 0 : nowMs - chunk.heldElsewhereSinceMs;
    const isFirst = !playhead.hasStarted;
    if (chunk.claimableSinceMs === null && aheadMs <= settings.originWindowMs) chunk.claimableSinceMs = nowMs;
    // Waiting begins when there is a line to wait in: not while peers are being met, nor while there were none.
    const waitedMs = chunk.claimableSinceMs === null ? 0 : nowMs - Math.max(chunk.claimableSinceMs, this.#noLineUntilMs);
    const runLength = dutyRunLength(chunk.pieces, settings);
    const originMs = origin.expectedMs(PIECE_BYTES);
    const asks = new Map<Source, number[]>();
    const fromOrigin: number[] = [];
    // In the first seconds a chunk's beginning is played before its end is here, and each piece is due in its turn;
    // later on every chunk is to be here whole before its moment.
    const isPlayedByPart = playhead.isSettling && this.#options.isProgressive(chunk.stream);
    const durationMs = isPlayedByPart ? chunk.record.durationUs / 1000 : 0;
    const stepPieces = isPlayedByPart ? Math.max(1, Math.round((chunk.pieces * settings.urgentStepMs) / durationMs)) : chunk.pieces;
    const slackOf = (piece: number): number => slackMs + ((piece - (piece % stepPieces)) / chunk.pieces) * durationMs;
    const start = firstPiece(this.#selfHash, chunk.pieces, slackMs, settings);
    let rank = 0;
    let turnMs = 0;
    let feeds = false;
    let rankedRun = -1;
    for (let step = 0; step < chunk.pieces; step++) {
      const piece = (start + step) % chunk.pieces;
      if (!chunk.isFree(piece)) continue;
      const run = isPushed ? substreamOf(piece, chunk.pieces) : Math.floor(piece / runLength);
      if (run !== rankedRun) {
        rankedRun = run;
        const line = { self: this.#selfHash, rivals, before, unseen, ...(isPushed ? { chunk: epochOf(chunk.index), run, substream: run } : { chunk: chunk.index, run, substream: null }) };
        rank = originPlace(line);
        feeds = isPushed && isFeeder(line);
        // News of others' turns is late by what the host is.
        turnMs = isFirst
          ? Math.min(rank, LAST_STARTUP_RANK) * settings.startupRankDelayMs - waitedMs
          : dutyTurnMs(policies.duty, { ...line, waitedMs, spareMs, delayMs: rankDelayMs(spareMs, settings) + lagMs });
      }
      if (feeds) subscriptions.leave(chunk, piece);
      else if (isPushed && subscriptions.expects(chunk, piece, spareMs)) continue;
      const pieceSlackMs = slackOf(piece);
      const { best, bestMs, held } = this.#bestHolder(holders, chunk, piece, pieceSlackMs);
      const isHeld = held > 0;
      const situation: PieceSituation = {
        slackMs: pieceSlackMs,
        aheadMs,
        isHeldByNeighbour: isHeld,
        peerMs: bestMs,
        lineMs: isHeld ? Math.floor(rank / held) * settings.lineDelayMs - inLineMs : 0,
        originMs,
        turnMs,
        isIntroducing: pass.isIntroducing,
        urgentMs,
        isAlone: pass.isAlone,
        isShared: isFirst && rivals.length > 0,
      };
      const choice = pickSource(situation, settings);
      if (choice.source === 'peer' && best) {
        best.room--;
        best.planned++;
        const list = asks.get(best);
        if (list) list.push(piece);
        else asks.set(best, [piece]);
      } else if (choice.source === 'origin') fromOrigin.push(piece);
      else if (choice.source === 'wait') {
        this.#hasUnplaced = true;
        pass.nextMs = Math.min(pass.nextMs, choice.forMs);
      }
    }
    // Also what is due in its turn is not waited for longer than the chunk: who dawdles with it is found out while there is time.
    for (const [source, pieces] of asks) requester.ask(source.neighbour, chunk, pieces, slackMs, urgentMs);
    this.#fetch(chunk, fromOrigin, slackMs, urgentMs);
  }

  /** Whether parents send all that is missing, none of it late, and this peer feeds none of it from the seeder. */
  #isUnderWay(chunk: PendingChunk, spareMs: number): boolean {
    const { subscriptions, swarm } = this.#options;
    for (let piece = 0; piece < chunk.pieces; piece++) {
      if (!chunk.isFree(piece)) continue;
      if (!subscriptions.expects(chunk, piece, spareMs)) return false;
      const substream = substreamOf(piece, chunk.pieces);
      if (mayFeed({ self: this.#selfHash, chunk: epochOf(chunk.index), run: substream, substream }, swarm.size)) return false;
    }
    return true;
  }

  /**
   * The holder to ask: the soonest while time is short; with time to spare any that is soon enough, drawn by rendezvous
   * so that each piece spreads evenly over its holders.
   */
  #bestHolder(holders: readonly Source[], chunk: PendingChunk, piece: number, slackMs: number): { best: Source | null; bestMs: number | null; held: number } {
    const { lineSlackMs, latePeerMs } = this.#options.settings;
    let best: Source | null = null;
    let bestMs = Infinity;
    let bestScore = Infinity;
    let held = 0;
    for (const source of holders) {
      if (!source.neighbour.streams.get(chunk.stream)?.holdsPiece(chunk.index, piece)) continue;
      const ms = source.neighbour.expectedMs((source.planned + 1) * PIECE_BYTES);
      // Whoever would be late holds it for others, not for us.
      if (ms <= Math.max(slackMs, latePeerMs)) held++;
      if (source.room <= 0 || source.neighbour.requests.has(pieceKey(chunk.stream, chunk.index, piece))) continue;
      const isSoonEnough = slackMs > lineSlackMs && ms < lineSlackMs / 2;
      const isNear = this.#options.policies.peers === 'proximity' && ms < slackMs / 2;
      const score = isNear ? (source.neighbour.rttMs ?? ms) - 2 ** 33 : isSoonEnough ? mix(source.neighbour.hash ^ this.#selfHash, piece) - 2 ** 32 : ms;
      if (score >= bestScore) continue;
      best = source;
      bestMs = ms;
      bestScore = score;
    }
    return { best, bestMs: best ? bestMs : null, held };
  }

  /**
   * The neighbours that want the chunk too: serving, without it, and with it in their window. `rivals` are hashes of
   * those at about the same place, `before` counts those clearly ahead, whose turn it is first; those behind do not
   * count, since their window reaches the chunk later.
   */
  #rivals({ chunk, index }: Target, sources: readonly Source[], windowMs: number): { rivals: number[]; before: number } {
    const timeline = this.#options.timelines.get(chunk.stream);
    const own = timeline?.at(this.#options.playhead.mediaUs) ?? 0;
    // A peer whose playhead is here has the chunk in its window, or will have it before the first turn ends.
    const edgeUs = chunk.record.startUs - windowMs * 1000;
    const nowMs = this.#options.clock.nowMs();
    const rivals: number[] = [];
    let before = 0;
    for (const { neighbour } of sources) {
      const remote = neighbour.streams.get(chunk.stream);
      const playhead = remote?.playhead ?? null;
      if (!remote || playhead === null || remote.holds(index) || (neighbour.features & FEATURE.uploads) === 0) continue;
      if (index < playhead || playhead < own - PLAYHEAD_ERROR_CHUNKS) continue;
      const times = timeline?.times(playhead);
      if (times && latestPlayheadUs(times, remote.enteredAtMs, nowMs) < edgeUs) continue;
      if (playhead > own + PLAYHEAD_ERROR_CHUNKS) before++;
      else rivals.push(neighbour.hash);
    }
    return { rivals, before };
  }

  #fetch(chunk: PendingChunk, pieces: number[], slackMs: number, urgentMs: number): void {
    const { origin, playhead } = this.#options;
    if (pieces.length === 0) return;
    pieces.sort((a, b) => a - b);
    // What can wait comes one chunk after the other, as hls.js would fetch it: side by side they would all be late. And
    // before the first frame everything goes to the chunk that shows it.
    const isNext = (slackMs <= urgentMs && playhead.hasStarted) || !origin.isBusyElsewhere(chunk);
    if (!isNext || !origin.fetch(chunk, pieces, slackMs, urgentMs)) this.#hasUnplaced = true;
  }
}

/** Pause between two passes when everything wanted is here or on its way; the playhead moves on meanwhile. */
const IDLE_MS = 250;

/** How far a neighbour's playhead may be from what it last said; nearer than that is the same place. */
const PLAYHEAD_ERROR_CHUNKS = 1;

/**
 * Where a neighbour's playhead is at most, and soon, microseconds. It is told in whole chunks: anywhere in the chunk, if
 * it was not heard to enter it; else as far as the time since then. Of one whose window opens later than in WINDOW_LEAD_MS
 * there is no need to think: what is fetched now it will have heard of by then.
 */
function latestPlayheadUs(chunk: ChunkTimes, enteredAtMs: number | null, nowMs: number): number {
  const intoUs = enteredAtMs === null ? chunk.durationUs : Math.min(chunk.durationUs, (nowMs - enteredAtMs) * 1000);
  return chunk.startUs + intoUs + WINDOW_LEAD_MS * 1000;
}

/** News of a playhead may be half a second old, news of a fetched run too; the fetch itself comes on top. */
const WINDOW_LEAD_MS = 800;

/** Records of this many chunks are asked of the seeder if need be; the others of neighbours first. */
const NEAR_CHUNKS = 2;

/** Nobody waits longer than two turns for its first frame. */
const LAST_STARTUP_RANK = 2;

/** How much of a channel a contributor carries at most, in chunks: two hours of 2 s chunks. */
const CONTRIBUTOR_CHUNKS = 3_600;
