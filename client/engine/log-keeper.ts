/**
 * Keeps the log known where it is needed: around the playhead of a film, at the head of a live stream. Near questions
 * go to the seeder, others to a neighbour that mentions the chunk, and to the seeder when no answer comes in time. A
 * live head arrives from the tracker; when it does not, neighbours' announcements betray it.
 */
import type { StreamDescription } from '#protocol/description';
import type { ChannelId, ChunkIndex, StreamId } from '#protocol/ids';
import { DIGEST_BYTES, MAX_HASHES_PER_MESSAGE, MAX_RECORDS_PER_MESSAGE } from '#protocol/limits';
import type { MessageBody } from '#protocol/messages';
import { pieceCount, type LogEntry, type SignedRecord } from '#protocol/record';
import type { Neighbour } from './neighbour.ts';
import type { Cancel, Clock, Hasher, Origin } from './ports.ts';
import type { Settings } from './settings.ts';
import { StreamLog } from './stream-log.ts';

export interface LogKeeperOptions {
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly origin: Origin;
  readonly settings: Settings;
  readonly channel: ChannelId;
  readonly publicKey: Uint8Array;
  readonly kind: 'vod' | 'live';
  readonly streams: readonly StreamDescription[];
  readonly neighbours: () => Iterable<Neighbour>;
  readonly onLearned: (stream: StreamId, chunk: ChunkIndex) => void;
  /** A neighbour sent something that the channel's key did not sign. */
  readonly onForged: (neighbour: Neighbour) => void;
  readonly onOriginAnswer: (isGood: boolean) => void;
  readonly mayAskOrigin: () => boolean;
  /** Its last answer was none: neighbours are asked first, also for what is near. */
  readonly isOriginFailing: () => boolean;
}

/** Records asked for at once: half a minute of 2 s chunks, 11 kB at 1.1 Mbit/s. */
const PAGE = 16;

interface Question {
  readonly first: number;
  readonly end: number;
  readonly untilMs: number;
}

export class LogKeeper {
  readonly #options: LogKeeperOptions;
  readonly #logs = new Map<StreamId, StreamLog>();
  /** One question at a time per stream to neighbours, one to the seeder. */
  readonly #asked = new Map<StreamId, Question>();
  readonly #atOrigin = new Map<StreamId, Cancel>();
  readonly #askedNeighbour = new WeakMap<Neighbour, number>();

  constructor(options: LogKeeperOptions) {
    this.#options = options;
    for (const stream of options.streams) {
      const id = stream.id as StreamId;
      const log = new StreamLog({
        channel: options.channel,
        stream: id,
        publicKey: options.publicKey,
        hasher: options.hasher,
        chunks: options.kind === 'vod' ? stream.durationsUs.length : Infinity,
        onLearned: (index) => {
          options.onLearned(id, index);
        },
      });
      this.#logs.set(id, log);
    }
  }

  /** Undefined for a stream the channel does not have: neighbours may say any number. */
  get(stream: StreamId): StreamLog | undefined {
    return this.#logs.get(stream);
  }

  /** An entry from the host page, the tracker or the seeder; a bad one is forgotten. */
  offer(entry: LogEntry): void {
    this.#logs.get(entry.signed.record.stream)?.add(entry);
  }

  /** Makes sure that chunks `first`..`last` can be fetched, soon. `isNear`: the playhead waits for them. */
  ensure(stream: StreamId, first: number, last: number, isNear: boolean): void {
    const log = this.#logs.get(stream);
    if (!log) return;
    const nowMs = this.#options.clock.nowMs();
    let missing = first;
    while (missing <= last && log.isReady(missing as ChunkIndex)) missing++;
    if (missing > last) return;
    const question = this.#asked.get(stream);
    if (question && nowMs < question.untilMs && missing >= question.first && missing < question.end) return;
    const count = Math.min(last - missing + 1, PAGE);
    if (isNear && !this.#options.isOriginFailing() && this.#askOrigin(stream, missing as ChunkIndex, count)) return;
    const neighbour = this.#whoMentions(stream, missing as ChunkIndex, nowMs);
    if (neighbour) this.#askNeighbour(neighbour, stream, missing, count, nowMs);
    else this.#askOrigin(stream, missing as ChunkIndex, count);
  }

  /** Live: asks the seeder for the newest entries. @returns whether the question went out. */
  askNewest(stream: StreamId, count: number): boolean {
    return this.#askOrigin(stream, 'newest', count);
  }

  onRecords(neighbour: Neighbour, { records }: MessageBody<'records'>): void {
    this.#askedNeighbour.delete(neighbour);
    for (const signed of records) {
      const log = this.#logs.get(signed.record.stream);
      log?.addSigned(signed, (isGenuine) => {
        if (!isGenuine) this.#options.onForged(neighbour);
        else if (!log.isReady(signed.record.index)) this.#askHashes(neighbour, signed);
      });
    }
  }

  onGetRecords(neighbour: Neighbour, ask: MessageBody<'getRecords'>): void {
    const log = this.#logs.get(ask.stream);
    const records: SignedRecord[] = [];
    const end = ask.first + Math.min(ask.count, MAX_RECORDS_PER_MESSAGE);
    for (let index = ask.first as number; log && index < end; index++) {
      const signed = log.signed(index as ChunkIndex);
      if (signed) records.push(signed);
    }
    neighbour.send({ name: 'records', records });
  }

  onGetHashes(neighbour: Neighbour, ask: MessageBody<'getHashes'>): void {
    const hashes = this.#logs.get(ask.stream)?.hashes(ask.chunk);
    if (!hashes) return;
    const end = Math.min(ask.first + Math.min(ask.count, MAX_HASHES_PER_MESSAGE), hashes.length / DIGEST_BYTES);
    if (ask.first >= end) return;
    const part = hashes.subarray(ask.first * DIGEST_BYTES, end * DIGEST_BYTES);
    neighbour.send({ name: 'hashes', stream: ask.stream, chunk: ask.chunk, first: ask.first, hashes: part });
  }

  readonly #partialHashes = new Map<number, { readonly bytes: Uint8Array; filled: number }>();

  onHashes(neighbour: Neighbour, message: MessageBody<'hashes'>): void {
    const log = this.#logs.get(message.stream);
    const record = log?.record(message.chunk);
    if (!log || !record || log.isReady(message.chunk)) return;
    const pieces = pieceCount(record.bytes);
    const count = message.hashes.length / DIGEST_BYTES;
    if (message.first + count > pieces) return;
    if (count === pieces) {
      if (!log.addHashes(message.chunk, message.hashes)) this.#options.onForged(neighbour);
      return;
    }
    this.#gather(neighbour, log, message, pieces);
  }

  close(): void {
    for (const cancel of this.#atOrigin.values()) cancel();
    this.#atOrigin.clear();
  }

  /** Hashes of a chunk larger than one message holds; parts come in order from one neighbour. */
  #gather(neighbour: Neighbour, log: StreamLog, message: MessageBody<'hashes'>, pieces: number): void {
    const key = neighbour.hash * 2 ** 20 + (message.chunk % 2 ** 20);
    let partial = this.#partialHashes.get(key);
    if (!partial || message.first === 0) {
      partial = { bytes: new Uint8Array(pieces * DIGEST_BYTES), filled: 0 };
      this.#partialHashes.set(key, partial);
      if (this.#partialHashes.size > PAGE) this.#partialHashes.delete(this.#partialHashes.keys().next().value!);
    }
    if (message.first * DIGEST_BYTES !== partial.filled) return;
    partial.bytes.set(message.hashes, partial.filled);
    partial.filled += message.hashes.length;
    if (partial.filled < partial.bytes.length) return;
    this.#partialHashes.delete(key);
    if (!log.addHashes(message.chunk, partial.bytes)) this.#options.onForged(neighbour);
  }

  #askHashes(neighbour: Neighbour, { record }: SignedRecord): void {
    const pieces = pieceCount(record.bytes);
    for (let first = 0; first < pieces; first += MAX_HASHES_PER_MESSAGE) {
      const count = Math.min(MAX_HASHES_PER_MESSAGE, pieces - first);
      neighbour.send({ name: 'getHashes', stream: record.stream, chunk: record.index, first, count });
    }
  }

  #whoMentions(stream: StreamId, chunk: ChunkIndex, nowMs: number): Neighbour | undefined {
    for (const neighbour of this.#options.neighbours()) {
      if (neighbour.state !== 'active' || !neighbour.streams.get(stream)?.holdsSome(chunk)) continue;
      // Whoever left a question open is not asked again at once.
      if ((this.#askedNeighbour.get(neighbour) ?? -Infinity) + 2 * this.#options.settings.logAnswerMs > nowMs) continue;
      return neighbour;
    }
    return undefined;
  }

  #askNeighbour(neighbour: Neighbour, stream: StreamId, first: number, count: number, nowMs: number): void {
    this.#asked.set(stream, { first, end: first + count, untilMs: nowMs + this.#options.settings.logAnswerMs });
    this.#askedNeighbour.set(neighbour, nowMs);
    neighbour.send({ name: 'getRecords', stream, first: first as ChunkIndex, count });
  }

  #askOrigin(stream: StreamId, first: ChunkIndex | 'newest', count: number): boolean {
    const { origin, clock, settings, mayAskOrigin, onOriginAnswer } = this.#options;
    if (this.#atOrigin.has(stream) || !mayAskOrigin()) return false;
    const finish = (): void => {
      this.#atOrigin.delete(stream);
    };
    if (first !== 'newest') {
      this.#asked.set(stream, { first, end: first + count, untilMs: clock.nowMs() + settings.logAnswerMs });
    }
    const cancel = origin.fetchRecords(
      stream,
      first,
      count,
      (entries) => {
        finish();
        onOriginAnswer(true);
        for (const entry of entries) this.offer(entry);
      },
      () => {
        finish();
        // The question is open again: somebody else may be asked at once.
        this.#asked.delete(stream);
        // A seeder that answers but lacks what its own log names is no better than one that is away.
        onOriginAnswer(false);
      },
    );
    this.#atOrigin.set(stream, cancel);
    return true;
  }
}
