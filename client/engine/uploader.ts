/**
 * Serves neighbours: takes their requests within bounds, sends pieces in turns, the earliest deadline of each first,
 * and stops where a link is congested or the cap is reached. What it sends was verified before.
 */
import type { MessageBody } from '#protocol/messages';
import { REJECT_REASON } from '#protocol/messages';
import { PIECE_BYTES } from '#protocol/limits';
import type { ChunkLibrary } from './chunk-library.ts';
import type { LagMeter } from './lag-meter.ts';
import type { Neighbour, OwedRun } from './neighbour.ts';
import type { PieceRun } from './piece-run.ts';
import type { Cancel, Clock } from './ports.ts';
import type { Settings } from './settings.ts';
import { UplinkMeter } from './uplink-meter.ts';

/** Pieces one neighbour may have asked for and not got: the most an honest one has in flight, twice. */
const MAX_OWED_PIECES = 1_024;
/** Media that is still in a link's queue after this is held there by its receiver: two pieces of the slowest uplink believed. */
const STUCK_MS = 2_000;
/** What links hold is looked at again after this at the soonest: timers of pages are no finer. */
const SHORTEST_PAUSE_MS = 4;

export interface UploaderOptions {
  readonly clock: Clock;
  readonly library: ChunkLibrary;
  readonly settings: Settings;
  readonly lag: Pick<LagMeter, 'ms'>;
  readonly neighbours: () => Iterable<Neighbour>;
  /** Bytes that may be promised now, for this peer not to give far more than it takes; Infinity where nobody else would. */
  readonly allowance: () => number;
  /** Called for each piece handed to a link, with its payload's length. */
  readonly onSent: (bytes: number) => void;
}

export class Uploader {
  readonly #options: UploaderOptions;
  readonly #uplink = new UplinkMeter();
  #isEnabled = false;
  #tokens = 0;
  #tokensAtMs: number;
  #wake: Cancel | null = null;
  /** The neighbour served last, so that turns go round. */
  #lastServed: Neighbour | null = null;

  constructor(options: UploaderOptions) {
    this.#options = options;
    this.#tokensAtMs = options.clock.nowMs();
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  setEnabled(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
    if (isEnabled) return;
    for (const neighbour of this.#options.neighbours()) this.drop(neighbour);
  }

  onRequest(neighbour: Neighbour, request: MessageBody<'request'>): void {
    const run: PieceRun = { stream: request.stream, chunk: request.chunk, first: request.first, count: request.count };
    if (!this.#isEnabled) this.#reject(neighbour, run, REJECT_REASON.notUploading);
    else if (neighbour.isChokedByUs) this.#reject(neighbour, run, REJECT_REASON.choked);
    else if (neighbour.owedPieces + run.count > MAX_OWED_PIECES) this.#reject(neighbour, run, REJECT_REASON.busy);
    else this.#promise(neighbour, run, request.deadlineMs);
  }

  /** What the uplink was found to carry, or may carry, bytes a second; null while nothing ever held it back. */
  get bytesPerSecond(): number | null {
    const cap = this.#options.settings.uploadCapBytesPerSecond;
    const { bytesPerSecond } = this.#uplink;
    return cap === 0 ? bytesPerSecond : Math.min(cap, bytesPerSecond ?? cap);
  }

  /** Pieces a child gets without asking; what it says it holds by then is not sent, nor what could not leave within `patienceMs`. */
  push(neighbour: Neighbour, run: PieceRun, { deadlineMs, patienceMs }: { readonly deadlineMs: number; readonly patienceMs: number }): void {
    if (!this.#isEnabled || neighbour.isChokedByUs || neighbour.owedPieces + run.count > MAX_OWED_PIECES) return;
    this.#owe(neighbour, run, { deadlineMs, patienceMs, isPushed: true });
  }

  onCancel(neighbour: Neighbour, run: PieceRun): void {
    const end = run.first + run.count;
    // Also what a subscription would bring later: it comes from elsewhere.
    const pieces = this.#options.library.pieceCount(run.stream, run.chunk);
    const remote = neighbour.streams.get(run.stream);
    if (pieces !== undefined && remote) for (let piece = run.first; piece < Math.min(end, pieces); piece++) remote.gets(run.chunk, piece, pieces);
    for (let at = neighbour.owed.length - 1; at >= 0; at--) {
      const owed = neighbour.owed[at]!;
      if (owed.stream !== run.stream || owed.chunk !== run.chunk || owed.next >= end || owed.end <= run.first) continue;
      neighbour.owed.splice(at, 1);
      neighbour.owedPieces -= owed.end - owed.next;
      // What lies before and after the cancelled pieces is still owed.
      if (owed.next < run.first) this.#insert(neighbour, at, { ...owed, end: run.first });
      if (owed.end > end) this.#insert(neighbour, at, { ...owed, next: Math.max(owed.next, end) });
    }
  }

  /** Forgets what a neighbour asked for. */
  drop(neighbour: Neighbour): void {
    neighbour.owed.length = 0;
    neighbour.owedPieces = 0;
  }

  /** Sends as much as links and cap allow, a piece to each neighbour in turn. */
  serve(): void {
    if (!this.#isEnabled) return;
    const { clock, lag } = this.#options;
    const nowMs = clock.nowMs();
    const order = this.#turns();
    let backlog = this.#backlog(order, nowMs);
    this.#uplink.note(nowMs, backlog, order.some((neighbour) => neighbour.owed.length > 0));
    const limit = this.#uplink.limitBytes(lag.ms);
    for (;;) {
      const neighbour = this.#nextOf(order, nowMs + this.#uplink.drainMs(backlog + PIECE_BYTES));
      if (!neighbour) return;
      if (backlog > 0 && backlog + PIECE_BYTES > limit) {
        this.#wakeIn(Math.max(SHORTEST_PAUSE_MS, this.#uplink.drainMs(backlog + PIECE_BYTES - limit)));
        return;
      }
      if (!this.#mayServe(neighbour)) return;
      this.#lastServed = neighbour;
      this.#serveOne(neighbour);
      backlog += neighbour.link.bufferedBytes > 0 ? PIECE_BYTES : 0;
    }
  }

  /** Whoever waits for what is due first, in turns where it is due at once. `leavesAtMs`: when the next piece will have left. */
  #nextOf(order: readonly Neighbour[], leavesAtMs: number): Neighbour | null {
    let next: Neighbour | null = null;
    for (const neighbour of order) {
      this.#dropLate(neighbour, leavesAtMs);
      const owed = neighbour.owed[0];
      if (!owed || neighbour.link.isCongested || neighbour.isStuck || neighbour.state !== 'active') continue;
      if (this.#options.library.isAway(owed.stream, owed.chunk, () => this.serve())) continue;
      if (!next || owed.deadlineMs < next.owed[0]!.deadlineMs) next = neighbour;
    }
    return next;
  }

  close(): void {
    this.#wake?.();
    this.#wake = null;
    this.#isEnabled = false;
  }

  #turns(): Neighbour[] {
    const order = [...this.#options.neighbours()];
    const last = this.#lastServed ? order.indexOf(this.#lastServed) : -1;
    return last < 0 ? order : [...order.slice(last + 1), ...order.slice(0, last + 1)];
  }

  /**
   * Media waiting in links, bytes. A neighbour that takes nothing off its link is left out, and gets no more until it
   * does: it may be gone, or hold the uplink's queue on purpose.
   */
  #backlog(neighbours: Iterable<Neighbour>, nowMs: number): number {
    let backlog = 0;
    for (const neighbour of neighbours) {
      neighbour.watchQueue(nowMs, STUCK_MS);
      if (!neighbour.isStuck) backlog += neighbour.link.bufferedBytes;
    }
    return backlog;
  }

  /** Owes as much of the run as can leave in time, and turns the rest down at once: the asker goes elsewhere. */
  #promise(neighbour: Neighbour, run: PieceRun, deadlineMs: number): void {
    const room = this.#roomBefore(deadlineMs, neighbour);
    const count = Math.min(run.count, room, this.#fairRoom());
    if (count < run.count) this.#reject(neighbour, { ...run, first: run.first + count, count: run.count - count }, REJECT_REASON.busy);
    if (count > 0) this.#owe(neighbour, { ...run, count }, { deadlineMs, patienceMs: deadlineMs, isPushed: false });
  }

  /**
   * Pieces for a neighbour that can leave within `deadlineMs` without making anything late that was promised before; at
   * most half of what leaves by then is one neighbour's.
   */
  #roomBefore(deadlineMs: number, asker: Neighbour): number {
    const { bytesPerSecond } = this;
    if (bytesPerSecond === null) return Infinity;
    const nowMs = this.#options.clock.nowMs();
    const backlog = this.#backlog(this.#options.neighbours(), nowMs);
    const promises: OwedRun[] = [];
    for (const neighbour of this.#options.neighbours()) if (!neighbour.isStuck) promises.push(...neighbour.owed);
    promises.sort((a, b) => a.deadlineMs - b.deadlineMs);
    const carriedBy = (ms: number): number => Math.floor(((bytesPerSecond * ms) / 1000 - backlog) / PIECE_BYTES);
    let room = Math.ceil(carriedBy(deadlineMs) / 2) - asker.owedPieces;
    let ahead = 0;
    let isSelfIn = false;
    for (const owed of promises) {
      if (!isSelfIn && owed.deadlineMs > nowMs + deadlineMs) {
        isSelfIn = true;
        room = Math.min(room, carriedBy(deadlineMs) - ahead);
      }
      ahead += owed.end - owed.next;
      if (isSelfIn && !owed.isPushed) room = Math.min(room, carriedBy(owed.uselessAtMs - nowMs) - ahead);
    }
    if (!isSelfIn) room = Math.min(room, carriedBy(deadlineMs) - ahead);
    return Math.max(0, room);
  }

  /** Pieces that may be promised on top of those owed without giving more than this peer's share. */
  #fairRoom(): number {
    const allowance = this.#options.allowance();
    if (allowance === Infinity) return Infinity;
    let owed = 0;
    for (const neighbour of this.#options.neighbours()) owed += neighbour.owedPieces;
    return Math.max(0, Math.floor(allowance / PIECE_BYTES) - owed);
  }

  #owe(neighbour: Neighbour, run: PieceRun, { deadlineMs, patienceMs, isPushed }: { deadlineMs: number; patienceMs: number; isPushed: boolean }): void {
    const nowMs = this.#options.clock.nowMs();
    const dueMs = nowMs + deadlineMs;
    let at = neighbour.owed.length;
    while (at > 0 && neighbour.owed[at - 1]!.deadlineMs > dueMs) at--;
    const owed = { ...run, next: run.first, end: run.first + run.count, deadlineMs: dueMs, uselessAtMs: nowMs + patienceMs, isPushed };
    neighbour.owed.splice(at, 0, owed);
    neighbour.owedPieces += run.count;
    this.serve();
  }

  /** What comes too late only costs the uplink: an asker is told, a child has asked elsewhere by now. */
  #dropLate(neighbour: Neighbour, leavesAtMs: number): void {
    for (;;) {
      const owed = neighbour.owed[0];
      if (!owed || owed.uselessAtMs >= leavesAtMs || this.#uplink.bytesPerSecond === null) return;
      neighbour.owed.shift();
      neighbour.owedPieces -= owed.end - owed.next;
      if (!owed.isPushed) this.#reject(neighbour, { stream: owed.stream, chunk: owed.chunk, first: owed.next, count: owed.end - owed.next }, REJECT_REASON.busy);
    }
  }

  #insert(neighbour: Neighbour, at: number, owed: Neighbour['owed'][number]): void {
    neighbour.owed.splice(at, 0, owed);
    neighbour.owedPieces += owed.end - owed.next;
  }

  #serveOne(neighbour: Neighbour): void {
    const owed = neighbour.owed[0]!;
    const piece = owed.next++;
    neighbour.owedPieces--;
    if (owed.next >= owed.end) neighbour.owed.shift();
    const remote = neighbour.stream(owed.stream);
    if (owed.isPushed && remote.holdsPiece(owed.chunk, piece)) return;
    const data = this.#options.library.readPiece(owed.stream, owed.chunk, piece);
    if (!data) {
      this.#reject(neighbour, { stream: owed.stream, chunk: owed.chunk, first: piece, count: 1 }, REJECT_REASON.notHeld);
      return;
    }
    this.#tokens -= data.length;
    const pieces = this.#options.library.pieceCount(owed.stream, owed.chunk);
    if (pieces !== undefined) remote.gets(owed.chunk, piece, pieces);
    neighbour.sendPiece(owed.stream, owed.chunk, piece, data, this.#options.clock.nowMs());
    this.#uplink.onHanded(data.length, this.#options.clock.nowMs());
    this.#options.onSent(data.length);
  }

  /** Token bucket over all neighbours, a quarter of a second deep. */
  #mayServe(neighbour: Neighbour): boolean {
    const cap = this.#options.settings.uploadCapBytesPerSecond;
    if (cap === 0) return true;
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const depth = Math.max(cap / 4, PIECE_BYTES);
    this.#tokens = Math.min(depth, this.#tokens + ((nowMs - this.#tokensAtMs) * cap) / 1000);
    this.#tokensAtMs = nowMs;
    if (this.#tokens >= PIECE_BYTES || (this.#tokens > 0 && neighbour.owedPieces === 0)) return true;
    this.#wakeIn(((PIECE_BYTES - this.#tokens) * 1000) / cap);
    return false;
  }

  #wakeIn(ms: number): void {
    this.#wake ??= this.#options.clock.after(ms, () => {
      this.#wake = null;
      this.serve();
    });
  }

  #reject(neighbour: Neighbour, run: PieceRun, reason: number): void {
    neighbour.send({ name: 'reject', stream: run.stream, chunk: run.chunk, first: run.first, count: run.count, reason });
  }
}
