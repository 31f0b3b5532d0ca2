/**
 * Camera or screen on air from a page: encoded, cut into chunks, signed and shared one by one. The server keeps the
 * window too unless the host says otherwise, so that a viewer whom no peer serves in time still sees everything.
 */
import { digestChunk } from '#ingest/digest-chunk';
import { LiveChunker, type LiveChunk } from '#ingest/live-chunker';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Clock } from '#engine/ports';
import { bytesToBase64 } from '#protocol/base64';
import type { ChannelDescription } from '#protocol/description';
import type { Floor } from '#protocol/hosted';
import { chunkIndex, streamId } from '#protocol/ids';
import { MAX_TITLE_CHARS, PIECE_BYTES } from '#protocol/limits';
import { paths } from '#protocol/paths';
import { decodeLogEntries, type LogEntry } from '#protocol/record';
import { MemoryStore } from '../memory-store.ts';
import { SnapshotStore } from '../snapshot-store.ts';
import { wallClockMs } from '../system-clock.ts';
import { release } from './capture.ts';
import type { ChannelSigner } from './channel-signer.ts';
import { HostPeer } from './host-peer.ts';
import type { HostSnapshot, Hosting } from './host-snapshot.ts';
import { LiveEncoder, type EncodedFacts } from './live-encoder.ts';
import { Publication } from './publication.ts';

export interface HostedLiveOptions {
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly signer: ChannelSigner;
  /** Taken over: released when the broadcast ends. */
  readonly stream: MediaStream;
  readonly title: string;
  readonly floor: Floor;
  readonly isListed: boolean;
  /** Length of a chunk, ms. */
  readonly chunkMs: number;
}

const STREAM = streamId(0);
/** How far viewers can go back, ms of media; also what a host that was away for a moment finds its viewers with. */
const WINDOW_MS = 40_000;
/**
 * How far behind what is on air viewers play: the chunk that is being made, and this for its way to them. Measured, not
 * derived: with less, pieces are fetched twice before neighbours had time to pass them on.
 */
const WAY_MS = 1_000;

/** Chunks made before a new link is given out: who comes sooner has less ahead of it than it plays behind. */
const FIRST_CHUNKS = 3;

/** Where an earlier broadcast of the same channel ended. */
interface Continuation {
  readonly firstIndex: number;
  readonly startUs: number;
  readonly discontinuities: number;
}

const BEGINNING: Continuation = { firstIndex: 0, startUs: 0, discontinuities: 0 };

export class HostedLive implements Hosting {
  readonly #options: HostedLiveOptions;
  readonly #store: SnapshotStore<HostSnapshot>;
  readonly #chunks = new MemoryStore();
  readonly #page = new AbortController();
  readonly #encoder: LiveEncoder;
  readonly #waiting: Uint8Array[] = [];
  #chunker: LiveChunker | undefined;
  #from: Continuation = BEGINNING;
  #onAirMs = 0;
  #description: ChannelDescription | undefined;
  #publication: Publication | undefined;
  #peer: HostPeer | undefined;
  #phase: HostSnapshot['phase'] = 'opening';
  #sentence: string | null = null;
  #made = 0;
  #madeBytes = 0;
  /** Chunks are signed one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: HostedLiveOptions) {
    this.#options = options;
    this.#store = new SnapshotStore(() => this.#snapshot(), options.clock);
    const { signal } = this.#page;
    addEventListener('pagehide', () => this.#publication?.sayFarewell(), { signal });
    addEventListener('online', () => this.#peer?.reconnectNow(), { signal });
    for (const track of options.stream.getVideoTracks()) {
      track.addEventListener('ended', () => this.#fail('What was shown has been taken away from this page. Go on air again to go on under the same link.'), { signal });
    }
    this.#encoder = new LiveEncoder({
      stream: options.stream, chunkMs: options.chunkMs, wallClockMs,
      onFacts: (facts) => void this.#open(facts).catch((error: unknown) => this.#fail(error instanceof Error ? error.message : String(error))),
      onFragment: (fragment, onAirMs) => this.#onFragment(fragment, onAirMs),
      onFailed: (sentence) => this.#fail(sentence),
    });
  }

  get getSnapshot(): () => HostSnapshot {
    return this.#store.getSnapshot;
  }

  get subscribe(): (listener: () => void) => () => void {
    return this.#store.subscribe;
  }

  /** What is being shown, for a preview. */
  get stream(): MediaStream {
    return this.#options.stream;
  }

  async end(): Promise<void> {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#encoder.close();
    this.#store.touch();
    await this.#publication?.setState('over');
    this.#release();
  }

  close(): void {
    this.#publication?.sayFarewell();
    this.#release();
    this.#store.close();
  }

  async #open(facts: EncodedFacts): Promise<void> {
    const { serverUrl, signer, clock, floor, isListed, chunkMs } = this.#options;
    const signed = await signer.signDescription(this.#describe(facts));
    this.#description = JSON.parse(signed.description) as ChannelDescription;
    this.#publication = new Publication({
      serverUrl, signer, clock, signed, floor, isListed,
      read: (chunk) => Promise.resolve(this.#chunks.get(STREAM, chunk)),
      keptEntries: Math.ceil(WINDOW_MS / chunkMs),
      onRefused: (sentence) => this.#fail(sentence),
      onChanged: () => this.#store.touch(),
    });
    this.#peer = new HostPeer({ serverUrl, channel: signer.id, description: this.#description, store: this.#chunks, clock });
    const next = await this.#publication.open(this.#peer.id);
    if (next > 0) this.#from = await this.#continuation(next);
    if (this.#isOver) return;
    this.#chunker = new LiveChunker({ init: facts.init, startUs: this.#from.startUs, firstIndex: this.#from.firstIndex, targetUs: chunkMs * 1000 });
    for (const fragment of this.#waiting.splice(0)) this.#push(this.#chunker, fragment);
    this.#store.touch();
  }

  #describe({ init, codecs, kind, width, height, frameRate, bitsPerSecond }: EncodedFacts): Omit<ChannelDescription, 'publicKey'> {
    const { title, chunkMs } = this.#options;
    return {
      version: 1, title: title.trim().slice(0, MAX_TITLE_CHARS) || 'Live', kind: 'live', pieceBytes: PIECE_BYTES,
      windowChunks: Math.ceil(WINDOW_MS / chunkMs), liveDelayMs: chunkMs + WAY_MS,
      streams: [{
        id: STREAM, kind, codecs, bandwidth: Math.round(bitsPerSecond * 1.5), averageBandwidth: bitsPerSecond, width, height, frameRate,
        language: '', name: '', init: bytesToBase64(init), extension: 'm4s', isProgressive: true,
        targetDurationSeconds: Math.max(1, Math.round(chunkMs / 1000)), durationsUs: [],
      }],
    };
  }

  /** Goes on after the newest chunk that the server knows: same numbers, same timeline, another encoder. */
  async #continuation(next: number): Promise<Continuation> {
    const { serverUrl, signer } = this.#options;
    const response = await fetch(serverUrl + paths.records(signer.id, STREAM, 'newest', 1), { cache: 'no-store', credentials: 'omit' });
    const [last] = response.ok ? decodeLogEntries(new Uint8Array(await response.arrayBuffer())) : [];
    if (!last) return { firstIndex: next, startUs: 0, discontinuities: 1 };
    const { record } = last.signed;
    return { firstIndex: next, startUs: record.startUs + record.durationUs, discontinuities: record.discontinuitySequence + 1 };
  }

  #onFragment(fragment: Uint8Array, onAirMs: number): void {
    this.#onAirMs = onAirMs;
    if (!this.#chunker) {
      this.#waiting.push(fragment);
      return;
    }
    try {
      this.#push(this.#chunker, fragment);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #push(chunker: LiveChunker, fragment: Uint8Array): void {
    const chunk = chunker.push(fragment);
    if (!chunk) return;
    const index = this.#from.firstIndex + this.#made;
    this.#made++;
    this.#madeBytes += chunk.bytes.length;
    this.#turn = this.#turn.then(() => this.#share(chunk, index)).catch((error: unknown) => this.#fail(error instanceof Error ? error.message : String(error)));
  }

  async #share(chunk: LiveChunk, index: number): Promise<void> {
    const { signer } = this.#options;
    const { root, hashes } = digestChunk(chunk.bytes, sha256);
    const offsetMs = this.#peer?.clockOffsetMs ?? 0;
    const signed = await signer.signRecord({
      stream: STREAM, index: chunkIndex(index), startUs: chunk.startUs, durationUs: chunk.durationUs, bytes: chunk.bytes.length, root,
      mediaSequence: index, discontinuitySequence: this.#from.discontinuities,
      onAirMs: Math.round(this.#onAirMs + offsetMs + (chunk.startUs - this.#from.startUs) / 1000),
    });
    if (this.#isOver) return;
    const entry: LogEntry = { signed, hashes };
    this.#chunks.put(STREAM, chunkIndex(index), chunk.bytes);
    this.#peer?.hold(entry);
    this.#publication?.add([entry]);
    const isContinued = this.#from !== BEGINNING;
    if (this.#phase === 'opening' && (isContinued || this.#made >= FIRST_CHUNKS)) this.#phase = 'sharing';
    this.#store.touch();
  }

  get #isOver(): boolean {
    return this.#phase === 'ended' || this.#phase === 'failed' || this.#page.signal.aborted;
  }

  #fail(sentence: string): void {
    if (this.#isOver) return;
    this.#phase = 'failed';
    this.#sentence = sentence;
    this.#encoder.close();
    this.#store.touch();
    void this.#publication?.setState('away').finally(() => this.#release());
    if (!this.#publication) this.#release();
  }

  #release(): void {
    this.#page.abort();
    this.#encoder.close();
    release(this.#options.stream);
    this.#peer?.close();
    this.#publication?.close();
  }

  #snapshot(): HostSnapshot {
    const { title, floor, signer } = this.#options;
    const engine = this.#page.signal.aborted ? null : (this.#peer?.snapshot() ?? null);
    const publication = this.#publication;
    const viewers = publication?.viewers ?? 0;
    return {
      phase: this.#phase, sentence: this.#sentence, kind: 'live', title: this.#description?.title ?? title,
      channel: this.#phase === 'opening' ? null : signer.id,
      made: this.#made, total: null, uploaded: floor === 'server' ? (publication?.uploaded ?? 0) : null,
      isServerReachable: publication?.isReachable ?? true,
      viewers,
      sentBytes: engine?.bytes.toPeers ?? 0,
      upBytesPerSecond: engine?.upBytesPerSecond ?? 0,
      demandBytesPerSecond: (viewers * (this.#description?.streams[0]?.averageBandwidth ?? 0)) / 8,
      madeBytes: this.#madeBytes,
      leastCopies: 0,
      engine,
    };
  }
}
