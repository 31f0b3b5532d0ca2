/**
 * Puts a live source on the air that comes and goes: chunks are signed as they come and published one after the other.
 * Each connection goes on where the one before it ended, with a discontinuity; between two of them the host is away.
 */
import { concatenate } from '#ingest/boxes';
import { clearDates } from '#ingest/fragment';
import { LiveChunker, type LiveChunk } from '#ingest/live-chunker';
import { windowChunks } from '#ingest/live-timeline';
import type { ChannelKey } from '#ingest/node/channel-key';
import type { PictureFile } from '#ingest/node/read-picture';
import type { RtmpConnection } from '#ingest/node/rtmp-listener';
import { sha256 } from '#ingest/node/sha256';
import { probeSegment } from '#ingest/probe-segment';
import { signLiveChunk, type LivePlace } from '#ingest/sign-live';
import { bytesToBase64 } from '#protocol/base64';
import type { StreamDescription } from '#protocol/description';
import { streamId, type PeerId } from '#protocol/ids';
import { continueHeaders } from '#protocol/media-header';
import { PRESENCE_BEAT_MS } from '#protocol/publishing';
import { BEGINNING, findContinuation, type Continuation } from '#publishing/live-continuation';
import type { PublishClient } from '#publishing/publish-client';
import { PublishFailure } from '#publishing/publish-error';

export interface LivePublisherNeeds {
  readonly client: PublishClient;
  readonly serverUrl: string;
  readonly key: ChannelKey;
  readonly title: string;
  readonly isListed: boolean;
  /** Duration that chunks come close to, microseconds. */
  readonly targetUs: number;
  readonly poster: PictureFile | undefined;
  /** Starts the host's own peer; called once, when the server has the channel. Undefined where there is to be none. */
  readonly startPeer: (() => Promise<PeerId | null>) | undefined;
  nowMs(): number;
  after(ms: number, run: () => void): () => void;
  onState(state: 'on' | 'away'): void;
  /** One sentence for the host. */
  onTrouble(sentence: string): void;
}

/** The channel's one stream: picture and sound together. */
const STREAM = 0;
/** Chunks that wait for a slow uplink; what comes on top is left out, because live must not fall ever further behind. */
const MOST_WAITING = 15;

export class LivePublisher {
  readonly #needs: LivePublisherNeeds;
  /** What the server expects next; goes up when it has taken an entry, so that a failure leaves no hole. */
  #index: number;
  /** Where on the channel's timeline the source is, sent or not. */
  #endUs: number;
  #discontinuities: number;
  #hasBegun: boolean;
  /** As it was described last; undefined before the first description. */
  #stream: StreamDescription | undefined;
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;
  #bytes = 0;
  #viewers = 0;
  #stopBeat: (() => void) | undefined;
  /** The host's own peer; it has the window to offer also while the source is away. */
  #peer: PeerId | null = null;
  #isPeerStarted = false;

  private constructor(needs: LivePublisherNeeds, from: Continuation) {
    this.#needs = needs;
    this.#index = from.firstIndex;
    this.#endUs = from.startUs;
    this.#hasBegun = from.firstIndex > 0;
    // Each connection after the first counts one more.
    this.#discontinuities = this.#hasBegun ? from.discontinuity - 1 : from.discontinuity;
    this.#stream = from.before;
  }

  /** Finds out where the channel left off. @throws PublishFailure with one sentence. */
  static async resume(needs: LivePublisherNeeds): Promise<LivePublisher> {
    const state = await needs.client.state();
    const next = state?.streams.find(({ stream }) => stream === STREAM)?.nextEntry ?? 0;
    return new LivePublisher(needs, next === 0 ? BEGINNING : await findContinuation(needs.serverUrl, needs.key.id, streamId(STREAM), next));
  }

  /** Bytes of chunks that were published. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Members of the swarm when the server last said so. */
  get viewers(): number {
    return this.#viewers;
  }

  /** Takes what one connection of the source sends. */
  connect(): RtmpConnection {
    let [live, chunker]: [Connection | undefined, LiveChunker | undefined] = [undefined, undefined];
    const take = (chunk: LiveChunk | undefined): void => {
      if (chunk && live) this.#take(chunk, live);
    };
    return {
      started: (sent) => {
        const init = Uint8Array.from(sent);
        clearDates(init);
        chunker = new LiveChunker({ init, startUs: this.#endUs, firstIndex: this.#index, targetUs: this.#needs.targetUs });
        live = this.#begin({ init, extension: 'm4s', isProgressive: true });
      },
      fragment: (bytes) => take(chunker?.push(bytes)),
      ended: () => {
        take(chunker?.flush());
        this.#away();
      },
    };
  }

  /**
   * Takes chunks that are cut already, as one stretch of a source without a break.
   * @param backlogUs what of it has been on air before this moment; by default the first chunk alone
   */
  follow(header: LiveHeader, backlogUs?: number): ReadyChunks {
    const live = this.#begin(header);
    if (backlogUs !== undefined) live.anchor = { atUs: this.#endUs, wallMs: this.#needs.nowMs() - backlogUs / 1000 };
    return {
      chunk: (durationUs, bytesAt) => this.#take({ bytes: bytesAt(this.#endUs, this.#index + this.#waiting), startUs: this.#endUs, durationUs }, live),
      ended: () => this.#away(),
    };
  }

  /** Says goodbye once everything is sent that was waiting. Idempotent. */
  async close(): Promise<void> {
    this.#away();
    await this.#sending;
    this.#needs.client.close();
  }

  #begin(header: LiveHeader): Connection {
    if (this.#hasBegun) this.#discontinuities += 1;
    this.#needs.onState('on');
    this.#beat();
    return { ...header, anchor: undefined, isDescribed: false, isRefused: false };
  }

  #take(chunk: LiveChunk, connection: Connection): void {
    if (connection.isRefused) return;
    this.#hasBegun = true;
    this.#endUs = chunk.startUs + chunk.durationUs;
    if (this.#waiting >= MOST_WAITING) {
      this.#needs.onTrouble('The server takes what is sent too slowly: a part of the stream was left out.');
      this.#discontinuities += 1;
      return;
    }
    connection.anchor ??= { atUs: chunk.startUs, wallMs: this.#needs.nowMs() - chunk.durationUs / 1000 };
    const onAirMs = connection.anchor.wallMs + (chunk.startUs - connection.anchor.atUs) / 1000;
    const place = { stream: STREAM, discontinuities: this.#discontinuities, onAirMs };
    this.#waiting += 1;
    this.#sending = this.#sending.then(() => this.#publish(chunk, place, connection)).catch((error: unknown) => this.#failed(error, connection)).finally(() => (this.#waiting -= 1));
  }

  async #publish(chunk: LiveChunk, place: Omit<LivePlace, 'index'>, connection: Connection): Promise<void> {
    const { client, key } = this.#needs;
    if (connection.isRefused) return;
    if (!connection.isDescribed) await this.#describe(chunk, connection, place.discontinuities);
    connection.isDescribed = true;
    const index = this.#index;
    await client.addEntries(STREAM, [signLiveChunk(chunk, { ...place, index }, key, sha256)]);
    this.#index += 1;
    await client.putChunk(STREAM, index, chunk.bytes);
    this.#bytes += chunk.bytes.length;
  }

  /** With every connection: an encoder that was set up anew may have another header. @throws IngestError where browsers do not play it. */
  async #describe(chunk: LiveChunk, { init, extension, isProgressive }: LiveHeader, discontinuity: number): Promise<void> {
    const { client, key, title, isListed, targetUs, poster } = this.#needs;
    const facts = await probeSegment('the live source', concatenate([init, chunk.bytes]));
    const rate = Math.max(1, Math.ceil((chunk.bytes.length * 8e6) / chunk.durationUs));
    const stream: StreamDescription = {
      id: STREAM, ...facts, language: '', name: '', extension, ...(isProgressive && { isProgressive }), durationsUs: [],
      // The first chunk is all that is known yet; encoders go up to half as high again for a moment.
      averageBandwidth: rate, bandwidth: Math.ceil(rate * 1.5),
      targetDurationSeconds: Math.min(60, Math.max(Math.ceil(chunk.durationUs / 1e6), Math.ceil(targetUs / 1e6))),
      ...continueHeaders(this.#stream, bytesToBase64(init), discontinuity),
    };
    const signed = key.signDescription({ version: 1, title, kind: 'live', pieceBytes: 16384, windowChunks: windowChunks([chunk]), streams: [stream], ...(poster && { poster: poster.facts }) });
    await client.describe(signed, { floor: 'server', isListed });
    if (poster) await client.putPicture(poster.facts.hash, poster.bytes);
    this.#stream = stream;
    this.#beat();
    void this.#startPeer();
  }

  /** No chunk waits for it: the server has them all. */
  async #startPeer(): Promise<void> {
    if (this.#isPeerStarted) return;
    this.#isPeerStarted = true;
    this.#peer = (await this.#needs.startPeer?.()) ?? null;
    if (this.#stopBeat) this.#beat();
  }

  /** The host is there, said now and again and again. */
  #beat(): void {
    this.#stopBeat?.();
    this.#stopBeat = this.#needs.after(PRESENCE_BEAT_MS, () => this.#beat());
    void this.#tell('on');
  }

  #away(): void {
    if (!this.#stopBeat) return;
    this.#stopBeat();
    this.#stopBeat = undefined;
    this.#needs.onState('away');
    this.#sending = this.#sending.then(() => (this.#stopBeat ? undefined : this.#tell('away')));
  }

  /** A sign of life that is lost is followed by the next; before the first description there is nobody to hear it. */
  async #tell(state: 'on' | 'away'): Promise<void> {
    try {
      this.#viewers = await this.#needs.client.tellPresence({ state, peer: this.#peer });
    } catch (error) {
      if (!(error instanceof PublishFailure)) throw error;
    }
  }

  #failed(error: unknown, connection: Connection): void {
    if (error instanceof PublishFailure && error.reason === 'cancelled') return;
    // The log cannot go on without the chunk that failed: what follows would be refused as well.
    connection.isRefused = true;
    this.#needs.onTrouble(error instanceof Error ? error.message : String(error));
  }
}

/** What all chunks of a source share until it breaks off. */
export interface LiveHeader {
  /** ftyp and moov; empty where chunks need none. */
  readonly init: Uint8Array;
  readonly extension: StreamDescription['extension'];
  readonly isProgressive: boolean;
}

export interface ReadyChunks {
  /** The next chunk. @param bytesAt makes it for its place: when it starts on the channel's timeline, and its number or one near it */
  chunk(durationUs: number, bytesAt: (startUs: number, sequence: number) => Uint8Array): void;
  ended(): void;
}

interface Connection extends LiveHeader {
  /** A moment of the source and when it was on air. */
  anchor: { readonly atUs: number; readonly wallMs: number } | undefined;
  isDescribed: boolean;
  isRefused: boolean;
}
