/**
 * Ranges of chunks from the seeder: a few transfers at once, cut into pieces as bytes arrive, with what was learned of
 * its latency and speed. A failing seeder is left alone for growing pauses and never given up.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { AnswerTime } from './answer-time.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { Cancel, Clock, Origin, OriginFailure } from './ports.ts';
import { ServiceRate } from './rate-meter.ts';
import type { Settings } from './settings.ts';

export interface OriginFetcherOptions {
  readonly clock: Clock;
  readonly origin: Origin;
  readonly settings: Settings;
  /** One piece's bytes are here, unverified; the buffer is the listener's. */
  readonly onPiece: (chunk: PendingChunk, piece: number, bytes: Uint8Array) => void;
  /** A transfer ended, well or badly: there is room for another, and perhaps pieces to place anew. */
  readonly onRoom: () => void;
  readonly onGone: (stream: StreamId, chunk: ChunkIndex) => void;
}

interface Transfer {
  readonly chunk: PendingChunk;
  readonly first: number;
  readonly count: number;
  readonly startedMs: number;
  /** When its first byte came. */
  answeredMs: number | null;
  /** Piece being filled, and how much of it is there. */
  piece: number;
  partial: Uint8Array;
  filled: number;
  lastByteMs: number;
  cancel: Cancel;
}

/** Seeder's latency and speed before anything was measured. */
const FIRST_LATENCY_MS = 50;
const FIRST_BYTES_PER_SECOND = 1_000_000;
const MAX_BACKOFF = 16;
/** A chunk that the seeder does not have is asked for again after this: it may be on its way there. */
const ABSENT_MS = 1_000;

export class OriginFetcher {
  readonly #options: OriginFetcherOptions;
  readonly #transfers = new Set<Transfer>();
  readonly #rate = new ServiceRate(FIRST_BYTES_PER_SECOND);
  readonly #answers = new AnswerTime(FIRST_LATENCY_MS);
  #failures = 0;
  #retryAtMs = 0;

  constructor(options: OriginFetcherOptions) {
    this.#options = options;
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Transfers that may be started now. */
  get room(): number {
    const { clock, settings } = this.#options;
    if (clock.nowMs() < this.#retryAtMs) return 0;
    // One attempt at a time finds out whether a failing seeder is back.
    const limit = this.isFailing ? 1 : settings.originTransfers;
    return limit - this.#transfers.size;
  }

  get retryInMs(): number {
    return Math.max(0, this.#retryAtMs - this.#options.clock.nowMs());
  }

  get busyChunks(): number {
    return new Set([...this.#transfers].map((transfer) => transfer.chunk)).size;
  }

  /** Milliseconds until that many more bytes would be here, on average. */
  expectedMs(bytes: number): number {
    return this.retryInMs + this.#answers.meanMs + this.#transferMs(bytes);
  }

  /** The same, but for rare ones, and with what is being waited for taken into account. */
  boundMs(bytes: number): number {
    const nowMs = this.#options.clock.nowMs();
    let waitedMs = 0;
    for (const { startedMs, answeredMs } of this.#transfers) if (answeredMs === null) waitedMs = Math.max(waitedMs, nowMs - startedMs);
    return this.retryInMs + Math.max(this.#answers.boundMs, waitedMs) + this.#transferMs(bytes);
  }

  /** Whether it can be asked for the chunk now. */
  mayFetch(chunk: PendingChunk): boolean {
    return this.room > 0 && this.#options.clock.nowMs() >= chunk.absentUntilMs;
  }

  fetch(chunk: PendingChunk, first: number, count: number): void {
    const { clock, origin } = this.#options;
    const startedMs = clock.nowMs();
    const firstByte = first * PIECE_BYTES;
    const lastByte = Math.min((first + count) * PIECE_BYTES, chunk.record.bytes) - 1;
    const transfer: Transfer = {
      chunk,
      first,
      count,
      startedMs,
      answeredMs: null,
      piece: first,
      partial: new Uint8Array(chunk.lengthOf(first)),
      filled: 0,
      lastByteMs: startedMs,
      cancel: () => undefined,
    };
    this.#transfers.add(transfer);
    for (let piece = first; piece < first + count; piece++) chunk.atOrigin.set(piece);
    chunk.firstAskedMs ??= startedMs;
    transfer.cancel = origin.fetchChunk(chunk.stream, chunk.index, firstByte, lastByte, {
      onBytes: (bytes, answerMs) => {
        const nowMs = clock.nowMs();
        if (transfer.answeredMs === null) {
          transfer.answeredMs = nowMs;
          if (answerMs !== null) this.#answers.note(answerMs ?? nowMs - startedMs);
          this.#rate.onAsked(nowMs - 1);
          this.#failures = 0;
        }
        this.#rate.onArrived(bytes.length, nowMs, false);
        transfer.lastByteMs = nowMs;
        this.#take(transfer, bytes);
      },
      onEnd: () => {
        this.#end(transfer);
        if (this.#transfers.size === 0) this.#rate.onArrived(0, clock.nowMs(), true);
        this.#options.onRoom();
      },
      onFailed: (failure) => {
        this.#fail(transfer, failure);
      },
    });
  }

  /** Gives up what brings nothing any more and what nobody wants any more. */
  review(isWanted: (chunk: PendingChunk) => boolean): void {
    const { clock, settings } = this.#options;
    const nowMs = clock.nowMs();
    for (const transfer of [...this.#transfers]) {
      if (!isWanted(transfer.chunk) || this.#isSuperfluous(transfer)) {
        transfer.cancel();
        this.#end(transfer);
      } else if (nowMs - transfer.lastByteMs > settings.originStallMs) {
        transfer.cancel();
        this.#fail(transfer, 'unreachable');
      }
    }
  }

  /** The seeder answered something else, or did not: shared knowledge with the questions about the log. */
  noteAnswer(isGood: boolean): void {
    const { clock, settings } = this.#options;
    if (isGood) {
      this.#failures = 0;
      this.#retryAtMs = 0;
      return;
    }
    const backoff = Math.min(2 ** this.#failures, MAX_BACKOFF);
    this.#failures++;
    this.#retryAtMs = clock.nowMs() + settings.originRetryMs * backoff;
  }

  close(): void {
    for (const transfer of [...this.#transfers]) {
      transfer.cancel();
      this.#end(transfer);
    }
  }

  /** What that many more bytes take behind those that are on their way, ms. */
  #transferMs(bytes: number): number {
    let queued = bytes;
    for (const transfer of this.#transfers) queued += (transfer.first + transfer.count - transfer.piece) * PIECE_BYTES;
    return (queued * 1000) / this.#rate.bytesPerSecond;
  }

  #take(transfer: Transfer, bytes: Uint8Array): void {
    let at = 0;
    const end = transfer.first + transfer.count;
    while (at < bytes.length && transfer.piece < end) {
      const space = transfer.partial.length - transfer.filled;
      const part = bytes.subarray(at, at + space);
      transfer.partial.set(part, transfer.filled);
      transfer.filled += part.length;
      at += part.length;
      if (transfer.filled < transfer.partial.length) break;
      const { chunk, piece, partial } = transfer;
      chunk.atOrigin.set(piece, false);
      transfer.piece++;
      transfer.filled = 0;
      if (transfer.piece < end) transfer.partial = new Uint8Array(chunk.lengthOf(transfer.piece));
      this.#options.onPiece(chunk, piece, partial);
    }
  }

  #isSuperfluous(transfer: Transfer): boolean {
    for (let piece = transfer.piece; piece < transfer.first + transfer.count; piece++) {
      if (transfer.chunk.isMissing(piece)) return false;
    }
    return true;
  }

  #end(transfer: Transfer): void {
    if (!this.#transfers.delete(transfer)) return;
    for (let piece = transfer.piece; piece < transfer.first + transfer.count; piece++) transfer.chunk.atOrigin.set(piece, false);
  }

  #fail(transfer: Transfer, failure: OriginFailure): void {
    this.#end(transfer);
    if (failure === 'gone') {
      transfer.chunk.absentUntilMs = this.#options.clock.nowMs() + ABSENT_MS;
      this.#options.onGone(transfer.chunk.stream, transfer.chunk.index);
    } else this.noteAnswer(false);
    this.#options.onRoom();
  }
}
