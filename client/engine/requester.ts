/**
 * Pieces asked of neighbours: who owes what since when, what arrived, what lapsed. Every piece is hashed before it
 * counts; a wrong one costs its sender its place.
 */
import type { MessageBody } from '#protocol/messages';
import type { ChunkLibrary } from './chunk-library.ts';
import { pieceKey } from './keys.ts';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { toRuns, type PieceRun } from './piece-run.ts';
import type { Clock, Hasher } from './ports.ts';
import type { Settings } from './settings.ts';
import type { Subscriptions } from './subscriptions.ts';
import { MAX_PIECES_PER_REQUEST } from '#protocol/limits';

export interface RequesterOptions {
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly library: ChunkLibrary;
  readonly settings: Settings;
  readonly onVerified: (chunk: PendingChunk, piece: number, source: 'peer' | 'seeder') => void;
  readonly subscriptions: Subscriptions;
  readonly onWrongPiece: (neighbour: Neighbour) => void;
  readonly onWasted: (bytes: number) => void;
  /** The seeder sent bytes that do not match: its copy is not this channel's. */
  readonly onWrongOrigin: (chunk: PendingChunk) => void;
}

/** Requests in a row that lapse before a neighbour is snubbed; one that never brought anything has no such credit. */
const LAPSES_BEFORE_SNUB = 8;
/** A neighbour that is snubbed again and again is left alone up to this many times as long. */
const MAX_SNUB_FACTOR = 8;

/** Of the usual time, for whoever was given too little. */
const HURRIED_PART = 10;

/** Round trip to a neighbour that has not answered a ping yet, ms. */
const UNKNOWN_RTT_MS = 100;

/** What a host without a server behind it gets for a piece, ms: asking again would cost its uplink a second copy. */
const LAST_RESORT_MS = 4_000;

export class Requester {
  readonly #options: RequesterOptions;
  /** Before then nothing can lapse. */
  #nextDueMs = Infinity;

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  /** How many more pieces this neighbour may be asked for now. */
  room(neighbour: Neighbour): number {
    const { settings, clock } = this.#options;
    if (neighbour.state !== 'active' || neighbour.isChokedByThem || clock.nowMs() < Math.max(neighbour.snubbedUntilMs, neighbour.busyUntilMs)) return 0;
    const { serviceRate } = neighbour;
    const worth = serviceRate.isMeasured
      ? Math.max(settings.requestsPerPeerMin, (serviceRate.bytesPerSecond * settings.requestAheadMs) / 1000 / 16_384)
      : settings.requestsPerPeerFirst;
    return Math.floor(Math.min(worth, settings.requestsPerPeerMax)) - neighbour.requests.size;
  }

  /** `pieces` in any order; `slackMs` until the first is due, `rescueMs` what the seeder needs to step in. */
  ask(neighbour: Neighbour, chunk: PendingChunk, pieces: number[], slackMs: number, rescueMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    const { settings } = this.#options;
    chunk.firstAskedMs ??= nowMs;
    let shortestMs = Infinity;
    for (const piece of pieces) {
      const expectedMs = neighbour.expectedMs(chunk.lengthOf(piece));
      const factor = slackMs <= settings.urgentMs ? 1.5 : 3;
      const hopeMs = Math.min(Math.max(factor * expectedMs + 150, 250), Math.max(settings.requestTimeoutMs, 2 * expectedMs));
      // However slow this neighbour is known to be, the piece is free again while the seeder can still bring it in time.
      // Whoever keeps its promises says so at once when it cannot, and is given time; others are found out while another can be asked.
      const isPrompt = neighbour.lapses === 0;
      const longMs = neighbour.downBytes > 0 ? settings.requestTimeoutMs : Math.min(settings.requestTimeoutMs, Math.max(settings.unprovenMs, (slackMs - rescueMs) / 2));
      const trustMs = isPrompt ? Math.max(neighbour.downBytes > 0 ? hopeMs : 0, longMs) : hopeMs;
      const patienceMs = neighbour.isLastResort ? Math.max(LAST_RESORT_MS, 3 * expectedMs) : Math.min(trustMs, Math.max(250, slackMs - rescueMs));
      shortestMs = Math.min(shortestMs, patienceMs);
      this.#nextDueMs = Math.min(this.#nextDueMs, nowMs + patienceMs);
      neighbour.serviceRate.onAsked(nowMs);
      neighbour.requests.set(pieceKey(chunk.stream, chunk.index, piece), {
        stream: chunk.stream,
        chunk: chunk.index,
        piece,
        sentMs: nowMs,
        dueMs: nowMs + patienceMs,
        isOverdue: false,
      });
      chunk.askedPeers[piece]! += 1;
    }
    pieces.sort((a, b) => a - b);
    // What would come after this peer's patience would come for nothing: both ways are taken off.
    const deadlineMs = Math.max(0, Math.min(Math.round(shortestMs - (neighbour.rttMs ?? UNKNOWN_RTT_MS)), 0xffff_ffff));
    for (const run of toRuns(chunk.stream, chunk.index, pieces, MAX_PIECES_PER_REQUEST)) {
      neighbour.send({ name: 'request', ...run, deadlineMs });
    }
  }

  onPiece(neighbour: Neighbour, message: MessageBody<'piece'>): void {
    const { clock, library, subscriptions, onWasted } = this.#options;
    const nowMs = clock.nowMs();
    const { stream, chunk: index, piece, data } = message;
    const request = neighbour.requests.get(pieceKey(stream, index, piece));
    neighbour.downBytes += data.length;
    neighbour.downRate.add(data.length, nowMs);
    const chunk = library.getPending(stream, index);
    if (request) this.#settle(neighbour, request, chunk);
    neighbour.serviceRate.onArrived(data.length, nowMs, neighbour.requests.size === 0);
    // Also what is late, or crossed a change of mind, is welcome while it is missing.
    const isWelcome = request !== undefined || chunk?.isMissing(piece) || subscriptions.covers(neighbour, stream, index, piece, library.pieceCount(stream, index) ?? 0);
    if (!isWelcome || !chunk?.isMissing(piece) || data.length !== chunk.lengthOf(piece)) {
      neighbour.wastedBytes += isWelcome ? 0 : data.length;
      onWasted(data.length);
      return;
    }
    neighbour.lapses = 0;
    neighbour.snubs = 0;
    neighbour.stream(stream).gets(index, piece, chunk.pieces);
    // The host is nobody's parent: a piece leaves it once, by request.
    if (!neighbour.isHost) subscriptions.onPiece(neighbour, chunk, piece, request !== undefined);
    this.verify(chunk, piece, data, neighbour);
  }

  /** Hashes a piece that is here, from a neighbour or (null) from the seeder. */
  verify(chunk: PendingChunk, piece: number, data: Uint8Array, sender: Neighbour | null): void {
    const { hasher, library, onVerified, onWrongPiece, onWrongOrigin, onWasted } = this.#options;
    if (!chunk.isMissing(piece)) {
      onWasted(data.length);
      return;
    }
    chunk.checking.set(piece);
    hasher.hashPiece(data, (digest) => {
      if (library.getPending(chunk.stream, chunk.index) !== chunk) return;
      if (chunk.matches(piece, digest)) {
        chunk.store(piece, data, sender ? 'peer' : 'seeder');
        onVerified(chunk, piece, sender ? 'peer' : 'seeder');
        return;
      }
      chunk.checking.set(piece, false);
      onWasted(data.length);
      if (sender) onWrongPiece(sender);
      else onWrongOrigin(chunk);
    });
  }

  onReject(neighbour: Neighbour, run: PieceRun): void {
    const chunk = this.#options.library.getPending(run.stream, run.chunk);
    for (let piece = run.first; piece < run.first + run.count; piece++) {
      const request = neighbour.requests.get(pieceKey(run.stream, run.chunk, piece));
      if (!request) continue;
      this.#settle(neighbour, request, chunk);
      chunk?.failed.set(piece);
    }
    if (neighbour.requests.size === 0) neighbour.serviceRate.onIdle();
  }

  /** Marks what is late, so that it is asked for elsewhere. @returns whether anything lapsed. */
  lapse(neighbours: Iterable<Neighbour>): boolean {
    const { clock, settings } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs < this.#nextDueMs) return false;
    this.#nextDueMs = Infinity;
    let isAny = false;
    for (const neighbour of neighbours) {
      let lapsed = 0;
      let longestMs = 0;
      for (const request of neighbour.requests.values()) {
        if (request.isOverdue) continue;
        if (request.dueMs > nowMs) {
          this.#nextDueMs = Math.min(this.#nextDueMs, request.dueMs);
          continue;
        }
        request.isOverdue = true;
        neighbour.overdue++;
        lapsed++;
        longestMs = Math.max(longestMs, request.dueMs - request.sentMs);
        const chunk = this.#options.library.getPending(request.stream, request.chunk as never);
        if (chunk) this.#unask(chunk, request.piece);
        chunk?.failed.set(request.piece);
      }
      if (lapsed === 0) continue;
      isAny = true;
      neighbour.serviceRate.onOverdue();
      neighbour.lapses += lapsed;
      const credit = neighbour.downBytes === 0 ? 1 : LAPSES_BEFORE_SNUB;
      if (neighbour.lapses >= credit && !neighbour.isLastResort) this.#snub(neighbour, nowMs, longestMs < settings.unprovenMs);
    }
    return isAny;
  }

  /** Takes back what is asked of a chunk nobody wants any more, or that is complete. */
  cancelChunk(neighbours: Iterable<Neighbour>, chunk: PendingChunk): void {
    for (const neighbour of neighbours) {
      const pieces: number[] = [];
      for (let piece = 0; piece < chunk.pieces; piece++) {
        const request = neighbour.requests.get(pieceKey(chunk.stream, chunk.index, piece));
        if (!request) continue;
        this.#settle(neighbour, request, chunk);
        pieces.push(piece);
      }
      for (const run of toRuns(chunk.stream, chunk.index, pieces, MAX_PIECES_PER_REQUEST)) neighbour.send({ name: 'cancel', ...run });
    }
  }

  /** The neighbour is gone: everything asked of it is free again. */
  release(neighbour: Neighbour): void {
    for (const request of [...neighbour.requests.values()]) {
      this.#settle(neighbour, request, this.#options.library.getPending(request.stream, request.chunk as never));
    }
  }

  /** `wasHurried`: it was given less time than a slow uplink needs for a piece, which is not its fault. */
  #snub(neighbour: Neighbour, nowMs: number, wasHurried: boolean): void {
    const { snubMs } = this.#options.settings;
    neighbour.snubbedUntilMs = nowMs + (wasHurried ? snubMs / HURRIED_PART : snubMs * Math.min(2 ** neighbour.snubs, MAX_SNUB_FACTOR));
    if (!wasHurried) neighbour.snubs++;
    neighbour.lapses = 0;
    const waiting = [...neighbour.requests.values()];
    for (const request of waiting) {
      neighbour.send({ name: 'cancel', stream: request.stream, chunk: request.chunk as never, first: request.piece, count: 1 });
    }
    this.release(neighbour);
  }

  #settle(neighbour: Neighbour, request: { isOverdue: boolean; stream: PieceRun['stream']; chunk: number; piece: number }, chunk: PendingChunk | undefined): void {
    neighbour.requests.delete(pieceKey(request.stream, request.chunk as never, request.piece));
    if (request.isOverdue) neighbour.overdue--;
    else if (chunk) this.#unask(chunk, request.piece);
  }

  #unask(chunk: PendingChunk, piece: number): void {
    if (chunk.askedPeers[piece]! > 0) chunk.askedPeers[piece]! -= 1;
  }
}
