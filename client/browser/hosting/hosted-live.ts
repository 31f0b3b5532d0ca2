/**
 * Camera or screen on air from a page: encoded, cut into chunks, signed and shared one by one. The server keeps the
 * window too unless the host says otherwise, so that a viewer whom no peer serves in time still sees everything.
 */
import { digestChunk } from '#ingest/digest-chunk';
import { LiveChunker, type LiveChunk } from '#ingest/live-chunker';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBase64 } from '#protocol/base64';
import { chunkIndex, streamId } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { continueHeaders } from '#protocol/media-header';
import { BEGINNING, findContinuation, type Continuation } from '#publishing/live-continuation';
import { MemoryStore } from '../memory-store.ts';
import { wallClockMs } from '../system-clock.ts';
import { release } from './capture.ts';
import { HostedChannel, type HostingOptions, type SourceFigures, type UnnamedDescription } from './hosted-channel.ts';
import { isTooMuch, PICTURES } from './live-picture.ts';
import { openLiveSource, type EncodedFacts, type LiveSource } from './live-source.ts';

export interface HostedLiveOptions extends HostingOptions {
  /** Taken over: released when the broadcast ends. */
  readonly stream: MediaStream;
  /** A second picture for a corner of the first; taken over likewise. */
  readonly inset: MediaStream | null;
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

/** What one encoder makes, from its first chunk on. */
interface Run {
  readonly from: Continuation;
  readonly chunker: LiveChunker;
  /** When the run's media time 0 was, by this page's clock. */
  readonly onAirMs: number;
}

export class HostedLive extends HostedChannel<HostedLiveOptions> {
  readonly #chunks: MemoryStore;
  #source: LiveSource;
  /** Fragments of a source that has begun and whose description is on its way to the server. */
  readonly #waiting: Uint8Array[] = [];
  /** Of PICTURES: the largest that is tried. */
  #step = 0;
  #reached: number[] = [];
  #run: Run | undefined;
  /** Index of the next chunk. */
  #index = 0;
  /** End of the last chunk on the channel's timeline. */
  #endUs = 0;
  /** Chunks are signed one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: HostedLiveOptions) {
    const chunks = new MemoryStore();
    super(options, { keptEntries: Math.ceil(WINDOW_MS / options.chunkMs), chunks, read: (chunk) => Promise.resolve(chunks.get(STREAM, chunk)) });
    this.#chunks = chunks;
    for (const track of options.stream.getVideoTracks()) {
      track.addEventListener('ended', () => this.fail('What was shown has been taken away from this page. Go on air again to go on under the same link.'), { signal: this.left.signal });
    }
    this.#source = this.#openSource();
  }

  protected override closeSource(): void {
    this.#source.close();
    release(this.options.stream);
    if (this.options.inset) release(this.options.inset);
  }

  protected override figures(): SourceFigures {
    return { kind: 'live', channel: this.phase === 'opening' ? null : this.options.signer.id, total: null, leastCopies: 0, remark: this.#remark };
  }

  get #remark(): string | null {
    const stream = this.description?.streams[0];
    if (!stream) return null;
    const { width, height, frameRate, kind } = stream;
    const silence = kind === 'video' ? 'This browser gives the page no sound here: viewers see a silent picture.' : null;
    if (this.#step === 0) return silence;
    return `${silence === null ? '' : `${silence} `}This computer is too slow for a larger picture now: viewers see ${width} by ${height}, ${Math.round(frameRate)} times a second. Closing other programs helps the next broadcast.`;
  }

  #openSource(): LiveSource {
    const { stream, inset, chunkMs } = this.options;
    return openLiveSource({
      stream, inset, chunkMs, wallClockMs, picture: PICTURES[this.#step]!,
      onFacts: (facts) => void this.#begin(facts).catch((error: unknown) => this.fail(error)),
      onFragment: (fragment) => this.#onFragment(fragment),
      onReached: (ratio) => this.#onReached(ratio),
      onFailed: (sentence) => this.fail(sentence),
    });
  }

  /** Goes a step down when the machine is too slow: another source, behind a discontinuity. */
  #onReached(ratio: number): void {
    this.#reached.push(ratio);
    if (!isTooMuch(this.#reached) || this.#step + 1 === PICTURES.length || this.isOver()) return;
    this.#reached = [];
    this.#step++;
    this.#source.close();
    this.#source = this.#openSource();
  }

  /** Where a source that has just begun goes on: after this page's own chunks, or after those of an earlier visit. */
  async #continuation(): Promise<Continuation> {
    const { serverUrl, signer } = this.options;
    const run = this.#run;
    this.#run = undefined;
    if (run) return { firstIndex: this.#index, startUs: this.#endUs, discontinuity: run.from.discontinuity + 1, before: this.description?.streams[0] };
    const next = await this.publication.nextEntry();
    return next > 0 ? findContinuation(serverUrl, signer.id, STREAM, next) : BEGINNING;
  }

  /** Goes on air, or on with what was on air before, with a source that has just begun. */
  async #begin(facts: EncodedFacts): Promise<void> {
    const { chunkMs } = this.options;
    const from = await this.#continuation();
    [this.#index, this.#endUs] = [from.firstIndex, from.startUs];
    await this.describe(this.#descriptionOf(facts, from), 'Live');
    if (this.isOver()) return;
    const chunker = new LiveChunker({ init: facts.init, startUs: from.startUs, firstIndex: from.firstIndex, targetUs: chunkMs * 1000 });
    this.#run = { from, chunker, onAirMs: facts.onAirMs };
    for (const fragment of this.#waiting.splice(0)) this.#onFragment(fragment);
    this.touch();
  }

  #descriptionOf({ init, codecs, kind, width, height, frameRate, bitsPerSecond }: EncodedFacts, from: Continuation): UnnamedDescription {
    const { chunkMs } = this.options;
    return {
      kind: 'live', pieceBytes: PIECE_BYTES, windowChunks: Math.ceil(WINDOW_MS / chunkMs), liveDelayMs: chunkMs + WAY_MS,
      streams: [{
        id: STREAM, kind, codecs, bandwidth: Math.round(bitsPerSecond * 1.5), averageBandwidth: bitsPerSecond, width, height, frameRate,
        language: '', name: '', extension: 'm4s', isProgressive: true,
        targetDurationSeconds: Math.max(1, Math.round(chunkMs / 1000)), durationsUs: [],
        ...continueHeaders(from.before, bytesToBase64(init), from.discontinuity),
      }],
    };
  }

  #onFragment(fragment: Uint8Array): void {
    const run = this.#run;
    if (!run) {
      this.#waiting.push(fragment);
      return;
    }
    try {
      const chunk = run.chunker.push(fragment);
      if (!chunk) return;
      const index = this.#index++;
      this.#endUs = chunk.startUs + chunk.durationUs;
      this.#turn = this.#turn.then(async () => this.#share(chunk, index, run)).catch((error: unknown) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  async #share({ bytes, startUs, durationUs }: LiveChunk, index: number, { from, onAirMs }: Run): Promise<void> {
    const { root, hashes } = digestChunk(bytes, sha256);
    const signed = await this.options.signer.signRecord({
      stream: STREAM, index: chunkIndex(index), startUs, durationUs, bytes: bytes.length, root,
      mediaSequence: index, discontinuitySequence: from.discontinuity,
      onAirMs: Math.round(onAirMs + this.clockOffsetMs + (startUs - from.startUs) / 1000),
    });
    if (this.isOver()) return;
    this.#chunks.put(STREAM, chunkIndex(index), bytes);
    this.share({ signed, hashes });
    if (this.phase === 'opening' && (from !== BEGINNING || this.made >= FIRST_CHUNKS)) this.setPhase('sharing');
  }
}
