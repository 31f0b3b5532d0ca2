/**
 * The seeder over HTTP: `fetch`, Range and AbortController, in browsers and in Node. It believes nothing: status,
 * Content-Range and length are checked, and never more bytes are handed on than were asked for. What the bytes are worth
 * is the engine's to check.
 */
import type { Cancel, Clock, Origin, OriginFailure, OriginTransfer } from '#engine/ports';
import type { ChannelId, ChunkIndex, StreamId } from '#protocol/ids';
import { MAX_CHUNK_BYTES, MAX_RECORDS_PER_MESSAGE, PIECE_BYTES } from '#protocol/limits';
import { paths, type EarlyRange } from '#protocol/paths';
import { decodeLogEntries, SIGNED_RECORD_BYTES, type LogEntry } from '#protocol/record';

/** A transfer without a byte for this long is given up; the engine then asks elsewhere or again. */
const SILENCE_MS = 8_000;

/** Longest answer of the records route: every entry a largest chunk's. */
const MAX_RECORDS_BYTES = MAX_RECORDS_PER_MESSAGE * (SIGNED_RECORD_BYTES + (MAX_CHUNK_BYTES / PIECE_BYTES) * 32);

/** A request for a chunk's beginning that was made before there was an Origin, and its answer to come. */
export interface EarlyAnswer extends EarlyRange {
  /** Bytes from the chunk's first on, fewer or more than asked for; rejects where none came. */
  readonly body: Promise<ArrayBuffer>;
}

export interface FetchOriginOptions {
  /** Where the server is, `https://host[:port]`, without a slash at the end. */
  readonly serverUrl: string;
  readonly channel: ChannelId;
  readonly clock: Clock;
  /** Ending of a stream's chunk URLs, from the channel's description. */
  readonly extensionOf: (stream: StreamId) => string;
  /**
   * Length of a chunk where it is known. A range that is the whole chunk is then asked for without a Range header, which
   * caches between here and the seeder keep more willingly.
   */
  readonly chunkBytes?: (stream: StreamId, chunk: ChunkIndex) => number | undefined;
  /** Used for the first transfer that begins with the same bytes. */
  readonly early?: EarlyAnswer | undefined;
  readonly fetch?: typeof fetch;
}

/** How long the first answer from `url` took to begin, as the browser measured it (Resource Timing); null where it says nothing. */
function answerMs(url: string): number | null {
  const [timing] = performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[];
  return timing === undefined || timing.responseStart === 0 ? null : timing.responseStart - timing.startTime;
}

const NOTHING = new Uint8Array(0);

class Refused extends Error {
  readonly failure: OriginFailure;
  constructor(failure: OriginFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

export class FetchOrigin implements Origin {
  readonly #options: FetchOriginOptions;
  #early: EarlyAnswer | undefined;

  constructor(options: FetchOriginOptions) {
    this.#options = options;
    this.#early = options.early;
  }

  fetchChunk(stream: StreamId, chunk: ChunkIndex, firstByte: number, lastByte: number, transfer: OriginTransfer): Cancel {
    const early = this.#early;
    if (early?.stream === stream && early.chunk === chunk && firstByte === 0) {
      this.#early = undefined;
      return this.#fetchFromEarly(early, stream, chunk, lastByte, transfer);
    }
    return this.#fetchRange(stream, chunk, firstByte, lastByte, transfer);
  }

  /** The early answer's bytes, then by an ordinary request what is wanted beyond them; all of it where none came. */
  #fetchFromEarly({ body }: EarlyAnswer, stream: StreamId, chunk: ChunkIndex, lastByte: number, transfer: OriginTransfer): Cancel {
    const cancelled = new AbortController();
    const isCancelled = (): boolean => cancelled.signal.aborted;
    const rest: { cancel: Cancel } = { cancel: () => undefined };
    let isTaken = false;
    const take = (buffer?: ArrayBuffer): void => {
      if (isTaken || isCancelled()) return;
      isTaken = true;
      stopWaiting();
      const bytes = buffer ? new Uint8Array(buffer).subarray(0, lastByte + 1) : NOTHING;
      if (bytes.length > 0) transfer.onBytes(bytes, answerMs(this.#url(stream, chunk)));
      if (isCancelled()) return;
      if (bytes.length > lastByte) transfer.onEnd();
      else rest.cancel = this.#fetchRange(stream, chunk, bytes.length, lastByte, transfer);
    };
    const stopWaiting = this.#options.clock.after(SILENCE_MS, take);
    body.then(take, () => take());
    return () => {
      cancelled.abort();
      stopWaiting();
      rest.cancel();
    };
  }

  #fetchRange(stream: StreamId, chunk: ChunkIndex, firstByte: number, lastByte: number, transfer: OriginTransfer): Cancel {
    const { chunkBytes } = this.#options;
    const isWhole = firstByte === 0 && chunkBytes?.(stream, chunk) === lastByte + 1;
    const headers: Record<string, string> = isWhole ? {} : { range: `bytes=${firstByte}-${lastByte}` };
    return this.#run(this.#request(this.#url(stream, chunk), headers), transfer, readChunk(firstByte, lastByte, transfer));
  }

  #url(stream: StreamId, chunk: ChunkIndex): string {
    const { serverUrl, channel, extensionOf } = this.#options;
    return serverUrl + paths.chunk(channel, stream, chunk, extensionOf(stream));
  }

  fetchRecords(
    stream: StreamId,
    first: ChunkIndex | 'newest',
    count: number,
    done: (entries: readonly LogEntry[]) => void,
    failed: (failure: OriginFailure) => void,
  ): Cancel {
    const url = this.#options.serverUrl + paths.records(this.#options.channel, stream, first, count);
    return this.#run(this.#request(url, {}), { onFailed: failed }, async (response, alive) => {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const bytes of bodyOf(response)) {
        if (!alive()) return;
        length += bytes.length;
        if (length > MAX_RECORDS_BYTES) throw new Refused('unreachable', 'records without end');
        parts.push(bytes);
      }
      const entries = decodeLogEntries(joinBytes(parts, length));
      if (entries.length > count || entries.some(({ signed }) => signed.record.stream !== stream)) {
        throw new Refused('unreachable', 'records that were not asked for');
      }
      if (alive()) done(entries);
    });
  }

  #request(url: string, headers: Record<string, string>): (signal: AbortSignal) => Promise<Response> {
    const { fetch: doFetch = fetch } = this.#options;
    return (signal) => doFetch(url, { headers, signal, credentials: 'omit' });
  }

  /** Hands the answer to `read`, and turns every way to fail into one call of `onFailed`. */
  #run(request: (signal: AbortSignal) => Promise<Response>, { onFailed }: Pick<OriginTransfer, 'onFailed'>, read: Reader): Cancel {
    const { clock } = this.#options;
    const abort = new AbortController();
    let isCancelled = false;
    let stopTimer: Cancel = () => undefined;
    const alive = (): boolean => {
      stopTimer();
      if (!isCancelled) stopTimer = clock.after(SILENCE_MS, () => abort.abort());
      return !isCancelled;
    };
    const run = async (): Promise<void> => {
      alive();
      let failure: OriginFailure | undefined;
      try {
        const response = await request(abort.signal);
        if (response.status === 404 || response.status === 410) throw new Refused('gone', response.url);
        if (!response.ok) throw new Refused('unreachable', `status ${response.status}`);
        if (alive()) await read(response, alive);
      } catch (cause) {
        failure = cause instanceof Refused ? cause.failure : 'unreachable';
      }
      stopTimer();
      const wasCancelled = isCancelled;
      isCancelled = true;
      abort.abort(); // Ends what the server would still send after a refused or complete answer.
      if (failure !== undefined && !wasCancelled) onFailed(failure);
    };
    void run();
    return () => {
      isCancelled = true;
      stopTimer();
      abort.abort();
    };
  }
}

/** Takes an answer in; `alive` keeps the silence timer from running out, and is false once nobody wants it any more. */
type Reader = (response: Response, alive: () => boolean) => Promise<void>;

/** Hands on the bytes `firstByte` to `lastByte` of a chunk as they come. */
const readChunk =
  (firstByte: number, lastByte: number, transfer: Pick<OriginTransfer, 'onBytes' | 'onEnd'>): Reader =>
  async (response, alive) => {
    checkRange(response, firstByte, lastByte);
    let missing = lastByte - firstByte + 1;
    for await (const bytes of bodyOf(response)) {
      if (!alive()) return;
      transfer.onBytes(bytes.length <= missing ? bytes : bytes.subarray(0, missing));
      missing -= Math.min(missing, bytes.length);
      if (missing === 0) break; // A server that ignores Range would go on; breaking off ends the transfer.
    }
    if (missing > 0) throw new Refused('unreachable', `the answer ended ${missing} bytes early`);
    if (alive()) transfer.onEnd();
  };

/** @throws Refused unless the answer begins at `firstByte` and is long enough, as far as its headers tell. */
function checkRange(response: Response, firstByte: number, lastByte: number): void {
  if (response.status === 206) {
    const range = /^bytes (\d+)-(\d+)\//.exec(response.headers.get('content-range') ?? '');
    // Across origins the header is hidden unless the server exposes it; the length and the hashes still tell.
    const isHidden = !response.headers.has('content-range');
    if (!isHidden && (Number(range?.[1]) !== firstByte || Number(range?.[2]) !== lastByte)) {
      throw new Refused('unreachable', 'another range than asked for');
    }
    return;
  }
  // 200: the server sends everything. From the start that can be used; in the middle it would cost what Range saves.
  if (response.status !== 200 || firstByte !== 0) throw new Refused('unreachable', `status ${response.status} for a range`);
  const length = response.headers.get('content-length');
  if (length !== null && !response.headers.has('content-encoding') && Number(length) <= lastByte) {
    throw new Refused('unreachable', 'shorter than asked for');
  }
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.length > 0) yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined); // An aborted body rejects; it is over either way.
  }
}

function joinBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  const first = parts[0];
  if (first !== undefined && parts.length === 1) return first;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
