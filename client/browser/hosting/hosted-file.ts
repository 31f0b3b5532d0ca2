/**
 * A film hosted from a page: planned, named and signed at once, then packaged chunk by chunk in a worker while it is
 * already being shared. Nothing but description and log leaves for the server unless a server copy is wanted.
 */
import type { Clock } from '#engine/ports';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import type { Floor } from '#protocol/hosted';
import { chunkIndex, streamId, type ChunkIndex } from '#protocol/ids';
import { MAX_TITLE_CHARS, PIECE_BYTES } from '#protocol/limits';
import type { LogEntry } from '#protocol/record';
import { SnapshotStore } from '../snapshot-store.ts';
import type { ChannelSigner } from './channel-signer.ts';
import { ChunkShelf } from './chunk-shelf.ts';
import { FileMaker, type MadeChunk } from './file-maker.ts';
import { HostPeer } from './host-peer.ts';
import type { HostSnapshot, Hosting } from './host-snapshot.ts';
import { Publication } from './publication.ts';

export interface HostedFileOptions {
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly signer: ChannelSigner;
  readonly file: File;
  readonly title: string;
  readonly floor: Floor;
  readonly isListed: boolean;
}

/** A file has one stream: picture and sound together. */
const STREAM = streamId(0);

export class HostedFile implements Hosting {
  readonly #options: HostedFileOptions;
  readonly #store: SnapshotStore<HostSnapshot>;
  readonly #maker = new FileMaker();
  readonly #shelf: ChunkShelf;
  readonly #page = new AbortController();
  #description: ChannelDescription | undefined;
  #publication: Publication | undefined;
  #peer: HostPeer | undefined;
  #phase: HostSnapshot['phase'] = 'opening';
  #sentence: string | null = null;
  #made = 0;
  #madeBytes = 0;

  constructor(options: HostedFileOptions) {
    this.#options = options;
    this.#store = new SnapshotStore(() => this.#snapshot(), options.clock);
    this.#shelf = new ChunkShelf(async (_stream, chunk) => (await this.#maker.chunk(chunk)).bytes);
    const { signal } = this.#page;
    addEventListener('pagehide', () => this.#publication?.sayFarewell(), { signal });
    addEventListener('online', () => this.#peer?.reconnectNow(), { signal });
    void this.#run();
  }

  get getSnapshot(): () => HostSnapshot {
    return this.#store.getSnapshot;
  }

  get subscribe(): (listener: () => void) => () => void {
    return this.#store.subscribe;
  }

  async end(): Promise<void> {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#store.touch();
    await this.#publication?.setState('over');
    this.#release();
  }

  close(): void {
    this.#publication?.sayFarewell();
    this.#release();
    this.#store.close();
  }

  async #run(): Promise<void> {
    try {
      const signed = await this.#open();
      if (this.#isOver) return;
      await this.#publish(signed);
      await this.#package();
    } catch (error) {
      if (!this.#isOver) this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Looks into the file and says what it will consist of. */
  async #open(): Promise<SignedDescription> {
    const { file, title, signer } = this.#options;
    const stream = await this.#maker.plan(file);
    const signed = await signer.signDescription({
      version: 1, title: title.trim().slice(0, MAX_TITLE_CHARS) || file.name, kind: 'vod', pieceBytes: PIECE_BYTES, windowChunks: 0, streams: [stream],
    });
    this.#description = JSON.parse(signed.description) as ChannelDescription;
    return signed;
  }

  async #publish(signed: SignedDescription): Promise<void> {
    const { serverUrl, signer, clock, floor, isListed } = this.#options;
    this.#publication = new Publication({
      serverUrl, signer, clock, signed, floor, isListed,
      read: async (chunk) => this.#bytesOf(chunk),
      keptEntries: Infinity,
      onRefused: (sentence) => this.#fail(sentence),
      onChanged: () => this.#store.touch(),
    });
    this.#peer = new HostPeer({ serverUrl, channel: signer.id, description: this.#description!, store: this.#shelf, clock });
    await this.#publication.open(this.#peer.id);
    this.#phase = 'packaging';
    this.#store.touch();
  }

  async #package(): Promise<void> {
    const total = this.#total;
    for (let index = 0; index < total; index++) {
      const chunk = await this.#maker.chunk(index);
      if (this.#isOver) return;
      // The film's beginning is what the first viewers ask for.
      this.#shelf.put(STREAM, chunkIndex(index), chunk.bytes);
      const entry = await this.#sign(index, chunk);
      this.#publication?.add([entry]);
      this.#peer?.hold(entry);
      this.#made++;
      this.#madeBytes += chunk.bytes.length;
      this.#store.touch();
    }
    this.#phase = 'sharing';
    this.#store.touch();
  }

  async #sign(index: number, { bytes, root, hashes }: MadeChunk): Promise<LogEntry> {
    const durations = this.#description!.streams[0]!.durationsUs;
    const startUs = this.#startUs;
    this.#startUs += durations[index]!;
    const signed = await this.#options.signer.signRecord({
      stream: STREAM, index: chunkIndex(index), startUs, durationUs: durations[index]!, bytes: bytes.length, root,
      mediaSequence: index, discontinuitySequence: 0, onAirMs: 0,
    });
    return { signed, hashes };
  }

  /** Start of the next chunk to be signed. */
  #startUs = 0;

  async #bytesOf(chunk: ChunkIndex): Promise<Uint8Array> {
    return this.#shelf.get(STREAM, chunk) ?? (await this.#maker.chunk(chunk)).bytes;
  }

  get #total(): number {
    return this.#description?.streams[0]?.durationsUs.length ?? 0;
  }

  get #isOver(): boolean {
    return this.#phase === 'ended' || this.#phase === 'failed' || this.#page.signal.aborted;
  }

  #fail(sentence: string): void {
    if (this.#isOver) return;
    this.#phase = 'failed';
    this.#sentence = sentence;
    this.#store.touch();
    void this.#publication?.setState('away').finally(() => this.#release());
    if (!this.#publication) this.#release();
  }

  #release(): void {
    this.#page.abort();
    this.#maker.close();
    this.#peer?.close();
    this.#publication?.close();
  }

  #snapshot(): HostSnapshot {
    const { title, floor, signer } = this.#options;
    const engine = this.#page.signal.aborted ? null : (this.#peer?.snapshot() ?? null);
    const publication = this.#publication;
    const viewers = publication?.viewers ?? 0;
    const isWhole = this.#made === this.#total && this.#total > 0;
    return {
      phase: this.#phase, sentence: this.#sentence, kind: 'vod', title: this.#description?.title ?? title,
      channel: this.#description ? signer.id : null,
      made: this.#made, total: this.#description ? this.#total : null,
      uploaded: floor === 'server' ? (publication?.uploaded ?? 0) : null,
      isServerReachable: publication?.isReachable ?? true,
      viewers,
      sentBytes: engine?.bytes.toPeers ?? 0,
      upBytesPerSecond: engine?.upBytesPerSecond ?? 0,
      demandBytesPerSecond: (viewers * (this.#description?.streams[0]?.averageBandwidth ?? 0)) / 8,
      madeBytes: this.#madeBytes,
      leastCopies: isWhole ? (engine?.copies?.least ?? 0) : 0,
      engine,
    };
  }
}
