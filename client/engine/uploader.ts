/**
 * Serves neighbours: takes their requests within bounds, sends pieces in turns, the earliest deadline of each first,
 * and stops where a link is congested or the cap is reached. What it sends was verified before.
 */
import type { MessageBody } from '#protocol/messages';
import { REJECT_REASON } from '#protocol/messages';
import { PIECE_BYTES } from '#protocol/limits';
import type { ChunkLibrary } from './chunk-library.ts';
import type { Neighbour } from './neighbour.ts';
import type { PieceRun } from './piece-run.ts';
import type { Cancel, Clock } from './ports.ts';
import type { Settings } from './settings.ts';

/** Pieces one neighbour may have asked for and not got: the most an honest one has in flight, twice. */
const MAX_OWED_PIECES = 1_024;

export interface UploaderOptions {
  readonly clock: Clock;
  readonly library: ChunkLibrary;
  readonly settings: Settings;
  readonly neighbours: () => Iterable<Neighbour>;
  /** Called for each piece handed to a link, with its payload's length. */
  readonly onSent: (bytes: number) => void;
}

export class Uploader {
  readonly #options: UploaderOptions;
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
    else this.#owe(neighbour, run, request.deadlineMs, false);
  }

  /** Pieces a child gets without asking; what it says it holds by then is not sent. */
  push(neighbour: Neighbour, run: PieceRun, deadlineMs: number): void {
    if (!this.#isEnabled || neighbour.isChokedByUs || neighbour.owedPieces + run.count > MAX_OWED_PIECES) return;
    this.#owe(neighbour, run, deadlineMs, true);
  }

  onCancel(neighbour: Neighbour, run: PieceRun): void {
    const end = run.first + run.count;
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
    const order = this.#turns();
    let isProgress = true;
    while (isProgress) {
      isProgress = false;
      for (const neighbour of order) {
        if (neighbour.owed.length === 0 || neighbour.link.isCongested || neighbour.state !== 'active') continue;
        const { stream, chunk } = neighbour.owed[0]!;
        if (this.#options.library.isAway(stream, chunk, () => this.serve())) continue;
        if (!this.#mayServe(neighbour)) return;
        this.#lastServed = neighbour;
        isProgress = true;
        this.#serveOne(neighbour);
      }
    }
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

  #owe(neighbour: Neighbour, run: PieceRun, inMs: number, isPushed: boolean): void {
    const deadlineMs = this.#options.clock.nowMs() + inMs;
    let at = neighbour.owed.length;
    while (at > 0 && neighbour.owed[at - 1]!.deadlineMs > deadlineMs) at--;
    neighbour.owed.splice(at, 0, { ...run, next: run.first, end: run.first + run.count, deadlineMs, isPushed });
    neighbour.owedPieces += run.count;
    this.serve();
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
    this.#wake ??= clock.after(((PIECE_BYTES - this.#tokens) * 1000) / cap, () => {
      this.#wake = null;
      this.serve();
    });
    return false;
  }

  #reject(neighbour: Neighbour, run: PieceRun, reason: number): void {
    neighbour.send({ name: 'reject', stream: run.stream, chunk: run.chunk, first: run.first, count: run.count, reason });
  }
}
