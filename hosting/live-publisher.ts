/**
 * Puts a live source on the air that comes and goes: its chunks are signed as they come and published one after the
 * other, whatever stream they are of. Each stretch of the source without a break goes on where the one before it ended,
 * with a discontinuity; between two of them the host is away.
 */
import { concatenate } from '#ingest/boxes';
import { windowChunks } from '#ingest/live-timeline';
import type { LiveChunk } from '#ingest/live-chunker';
import type { LiveKey } from '#ingest/node/follow-origin';
import type { ChannelKey } from '#ingest/node/channel-key';
import type { PictureFile } from '#ingest/node/read-picture';
import { sha256 } from '#ingest/node/sha256';
import type { StreamFacts } from '#ingest/stream-facts';
import { signLiveChunk } from '#ingest/sign-live';
import { bytesToBase64 } from '#protocol/base64';
import type { StreamDescription } from '#protocol/description';
import { streamId } from '#protocol/ids';
import { continueKeys } from '#protocol/live-keys';
import { continueHeaders } from '#protocol/media-header';
import { BEGINNING, findContinuation, type Continuation } from '#publishing/live-continuation';
import type { PublishClient } from '#publishing/publish-client';
import { PublishFailure } from '#publishing/publish-error';
import { LivePresence, type LivePresenceNeeds } from './live-presence.ts';

export interface LivePublisherNeeds extends LivePresenceNeeds {
  readonly client: PublishClient;
  readonly serverUrl: string;
  readonly key: ChannelKey;
  readonly title: string;
  readonly isListed: boolean;
  /** Duration that chunks come close to, microseconds. */
  readonly targetUs: number;
  readonly poster: PictureFile | undefined;
  nowMs(): number;
  /** One sentence for the host. */
  onTrouble(sentence: string): void;
}

/** One stream of a source: a quality, a language. */
export interface LiveStream {
  /** ftyp and moov; empty where chunks need none. */
  readonly init: Uint8Array;
  readonly extension: StreamDescription['extension'];
  readonly isProgressive: boolean;
  /** What encrypts it; chunks are passed on untouched. */
  readonly keys?: readonly LiveKey[];
  /** Its first chunk, where the source has it at hand; where it has one stream alone, that is the first that is taken. */
  readonly first?: SourceChunk;
  /** @param first media header and first chunk. @throws IngestError where browsers do not play it. */
  readonly facts: (first: Uint8Array) => Promise<StreamFacts>;
}

export interface SourceChunk extends Pick<LiveChunk, 'bytes' | 'durationUs'> {
  /** Its source's own number, where that matters: keys may go by it. */
  readonly mediaSequence?: number;
}

/** What the source said before a chunk. */
export interface LiveChange {
  /** Breaks in the source's own timeline since the stretch began. */
  readonly discontinuities: number;
  /** A media header that is in force from here on. */
  readonly init?: Uint8Array;
}

/** A source that runs without a break. */
export interface Stretch {
  /** Where the next chunk of a stream goes: its start on the channel's timeline, and its number or one near it. */
  next(stream: number): { readonly startUs: number; readonly sequence: number };
  chunk(stream: number, chunk: SourceChunk, change?: LiveChange): void;
  ended(): void;
}

/** Chunks of a stream that wait for a slow uplink; what comes on top is left out, because live must not fall ever further behind. */
const MOST_WAITING = 15;

/** Whoever ends the command waits this long for chunks that are still to be sent; a server that is gone takes none. */
const LAST_CHUNKS_MS = 3_000;

/** Chunks behind the window that somebody may still ask for, and to spare. */
const EXTRA_CHUNKS = 20;

/** How far the log of one stream is. */
interface Log {
  /** What the server expects next; goes up when it has taken an entry, so that a failure leaves no hole. */
  index: number;
  /** Where on the channel's timeline the source is, sent or not. */
  endUs: number;
  waiting: number;
  /** As it was described last; undefined before the first description. */
  described: StreamDescription | undefined;
}

interface Run {
  readonly streams: readonly LiveStream[];
  /** Discontinuity sequence of its beginning; goes up where a part is left out. */
  firstDiscontinuity: number;
  /** A moment of the source and when it was on air; undefined before the first chunk. */
  anchor: { readonly atUs: number; readonly wallMs: number } | undefined;
  isDescribed: boolean;
  isRefused: boolean;
}

/** A chunk on its way to the server. */
interface Outgoing {
  readonly stream: number;
  readonly chunk: LiveChunk;
  readonly discontinuities: number;
  readonly onAirMs: number;
  readonly mediaSequence: number | undefined;
  readonly init: Uint8Array | undefined;
}

export class LivePublisher {
  readonly #needs: LivePublisherNeeds;
  /** By stream. */
  readonly #logs: Log[];
  readonly #presence: LivePresence;
  #discontinuities: number;
  #hasBegun: boolean;
  #sending: Promise<void> = Promise.resolve();
  #bytes = 0;
  #windowChunks = 0;

  private constructor(needs: LivePublisherNeeds, from: readonly Continuation[]) {
    this.#needs = needs;
    this.#presence = new LivePresence(needs);
    this.#logs = from.map(({ firstIndex, startUs, before }) => ({ index: firstIndex, endUs: startUs, waiting: 0, described: before }));
    this.#hasBegun = from.some(({ firstIndex }) => firstIndex > 0);
    // Each stretch after the first counts one more.
    this.#discontinuities = Math.max(0, ...from.map(({ discontinuity }) => discontinuity)) - (this.#hasBegun ? 1 : 0);
  }

  /** Finds out where the channel left off. @throws PublishFailure with one sentence. */
  static async resume(needs: LivePublisherNeeds): Promise<LivePublisher> {
    const state = await needs.client.state();
    const known = (state?.streams ?? []).toSorted((a, b) => a.stream - b.stream);
    const continuationOf = async ({ stream, nextEntry }: (typeof known)[number]): Promise<Continuation> =>
      nextEntry === 0 ? BEGINNING : findContinuation(needs.serverUrl, needs.key.id, streamId(stream), nextEntry);
    return new LivePublisher(needs, await Promise.all(known.map(continuationOf)));
  }

  /** Bytes of chunks that were published. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Members of the swarm when the server last said so. */
  get viewers(): number {
    return this.#presence.viewers;
  }

  get targetUs(): number {
    return this.#needs.targetUs;
  }

  /**
   * @param streams all that the source has, the same at every time
   * @param backlogUs what of it has been on air before this moment; by default the first chunk alone
   */
  begin(streams: readonly LiveStream[], backlogUs?: number): Stretch {
    if (this.#hasBegun) this.#discontinuities += 1;
    const startUs = Math.max(0, ...this.#logs.map(({ endUs }) => endUs));
    while (this.#logs.length < streams.length) this.#logs.push({ index: 0, endUs: 0, waiting: 0, described: undefined });
    for (const log of this.#logs) log.endUs = startUs;
    const anchor = backlogUs === undefined ? undefined : { atUs: startUs, wallMs: this.#needs.nowMs() - backlogUs / 1000 };
    const run: Run = { streams, firstDiscontinuity: this.#discontinuities, anchor, isDescribed: false, isRefused: false };
    this.#presence.arrived();
    return {
      next: (stream) => ({ startUs: this.#logs[stream]!.endUs, sequence: this.#logs[stream]!.index + this.#logs[stream]!.waiting }),
      chunk: (stream, chunk, change) => this.#take(run, stream, chunk, change),
      ended: () => void (this.#sending = this.#presence.left(this.#sending)),
    };
  }

  /** Says goodbye once everything is sent that was waiting, or gives that up after a moment. Idempotent. */
  async close(): Promise<void> {
    const { client } = this.#needs;
    const cancel = this.#needs.after(LAST_CHUNKS_MS, () => client.close());
    this.#sending = this.#presence.left(this.#sending);
    await this.#sending;
    cancel();
    client.close();
  }

  #take(run: Run, stream: number, { bytes, durationUs, mediaSequence }: SourceChunk, { discontinuities, init }: LiveChange = { discontinuities: 0 }): void {
    if (run.isRefused) return;
    const log = this.#logs[stream]!;
    const chunk = { bytes, durationUs, startUs: log.endUs };
    this.#hasBegun = true;
    log.endUs += durationUs;
    if (log.waiting >= MOST_WAITING) {
      this.#needs.onTrouble('The server takes what is sent too slowly: a part of the stream was left out.');
      run.firstDiscontinuity += 1;
      return;
    }
    run.anchor ??= { atUs: chunk.startUs, wallMs: this.#needs.nowMs() - durationUs / 1000 };
    const sequence = run.firstDiscontinuity + discontinuities;
    this.#discontinuities = Math.max(this.#discontinuities, sequence);
    const onAirMs = run.anchor.wallMs + (chunk.startUs - run.anchor.atUs) / 1000;
    const outgoing = { stream, chunk, init, mediaSequence, discontinuities: sequence, onAirMs };
    log.waiting += 1;
    this.#sending = this.#sending.then(() => this.#publish(outgoing, run)).catch((error: unknown) => this.#failed(error, run)).finally(() => (log.waiting -= 1));
  }

  async #publish({ stream, chunk, init, ...place }: Outgoing, run: Run): Promise<void> {
    const { client, key } = this.#needs;
    if (run.isRefused) return;
    if (!run.isDescribed) await this.#begun(chunk, run, place.discontinuities);
    else if (init) await this.#changeHeader(stream, init, place.discontinuities, run);
    run.isDescribed = true;
    const log = this.#logs[stream]!;
    const { index } = log;
    await client.addEntries(stream, [signLiveChunk(chunk, { ...place, stream, index }, key, sha256)]);
    log.index += 1;
    try {
      await client.putChunk(stream, index, chunk.bytes);
      this.#bytes += chunk.bytes.length;
    } catch (error) {
      // Without room a chunk is missing; the next may find some, since the window moves on.
      if (!(error instanceof PublishFailure) || error.reason !== 'full') throw error;
      this.#needs.onTrouble(error.message);
    }
  }

  /** With every stretch: an encoder that was set up anew may have another header. @throws IngestError where browsers do not play it. */
  async #begun(chunk: LiveChunk, { streams }: Run, discontinuity: number): Promise<void> {
    const { targetUs } = this.#needs;
    const chunks = windowChunks([{ startUs: 0, durationUs: (streams[0]!.first ?? chunk).durationUs }]);
    await this.#describe(await Promise.all(streams.map(async ({ init, extension, isProgressive, keys = [], first = chunk, facts }, id) => {
      const log = this.#logs[id]!;
      const rate = Math.max(1, Math.ceil((first.bytes.length * 8e6) / first.durationUs));
      return {
        id, ...(await facts(concatenate([init, first.bytes]))), extension, ...(isProgressive && { isProgressive }), durationsUs: [],
        // The first chunk is all that is known yet; encoders go up to half as high again for a moment.
        averageBandwidth: rate, bandwidth: Math.ceil(rate * 1.5),
        targetDurationSeconds: Math.min(60, Math.max(Math.ceil(first.durationUs / 1e6), Math.ceil(targetUs / 1e6))),
        ...continueHeaders(log.described, bytesToBase64(init), discontinuity),
        ...continueKeys(log.described, keys, { from: log.index, oldest: log.index - EXTRA_CHUNKS - chunks }),
      };
    })), chunks);
    this.#presence.described();
  }

  /** The source has another header behind a break of its own. */
  async #changeHeader(stream: number, init: Uint8Array, discontinuity: number, { streams }: Run): Promise<void> {
    await this.#describe(streams.map((_, id) => {
      const described = this.#logs[id]!.described!;
      return id === stream ? { ...described, ...continueHeaders(described, bytesToBase64(init), discontinuity) } : described;
    }));
  }

  async #describe(streams: StreamDescription[], chunks = this.#windowChunks): Promise<void> {
    const { client, key, title, isListed, poster } = this.#needs;
    this.#windowChunks = chunks;
    const signed = key.signDescription({ version: 1, title, kind: 'live', pieceBytes: 16384, windowChunks: chunks, streams, ...(poster && { poster: poster.facts }) });
    await client.describe(signed, { floor: 'server', isListed });
    if (poster) await client.putPicture(poster.facts.hash, poster.bytes);
    for (const [id, stream] of streams.entries()) this.#logs[id]!.described = stream;
  }

  #failed(error: unknown, run: Run): void {
    if (error instanceof PublishFailure && error.reason === 'cancelled') return;
    // The log cannot go on without the chunk that failed: what follows would be refused as well.
    run.isRefused = true;
    this.#needs.onTrouble(error instanceof Error ? error.message : String(error));
  }
}
