/**
 * A live channel made of a file that starts over when it ends. A chunk is published when its last sample is on air; its
 * bytes are the packaged ones with times that run on. Only the records of the window are held: bytes are made again from
 * the package whenever they are asked for.
 */
import { readFile } from 'node:fs/promises';
import { readTracks, shiftFragment, type TrackHeader } from '#ingest/fragment';
import { LiveTimeline, windowChunks } from '#ingest/live-timeline';
import type { ChannelKey } from '#ingest/node/channel-key';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
import type { PictureFile } from '#ingest/node/read-picture';
import { digestChunk } from '#ingest/node/sha256';
import type { PackagedStream } from '#ingest/packaged-stream';
import { base64ToBytes } from '#protocol/base64';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import { chunkIndex, streamId, type ChannelId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import { requireIntact } from './chunk-file.ts';
import type { Available, ServedChannel } from './seeder/served-channel.ts';
import type { Cancel, WallClock } from './tracker/ports.ts';

/** Chunks kept beyond the playlist: who has just read it still gets what stood in it (RFC 8216, section 6.2.2). */
const EXTRA_CHUNKS = 4;
/** After a failure to read a chunk, ms. */
const RETRY_MS = 1000;

export interface LiveChannelNeeds {
  readonly title: string;
  readonly isListed: boolean;
  readonly key: ChannelKey;
  readonly pack: MediaPackage;
  /** When chunk 0 went on air, ms since 1970. */
  readonly epochMs: number;
  readonly poster?: PictureFile | undefined;
  readonly clock: WallClock;
  /** Each new chunk, in order. */
  onHead(entry: LogEntry): void;
  onFault(error: unknown): void;
}

export class LiveChannel implements ServedChannel {
  readonly kind = 'live';
  readonly durationSeconds = null;
  readonly id: ChannelId;
  readonly title: string;
  readonly isListed: boolean;
  readonly description: ChannelDescription;
  readonly signedDescription: SignedDescription;
  readonly #needs: LiveChannelNeeds;
  readonly #stream: PackagedStream;
  readonly #tracks: readonly TrackHeader[];
  readonly #timeline: LiveTimeline;
  readonly #entries = new Map<number, LogEntry>();
  #newest = -1;
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  constructor(needs: LiveChannelNeeds) {
    const { key, pack, title } = needs;
    this.#needs = needs;
    this.#stream = pack.streams[0]!;
    this.#tracks = readTracks(base64ToBytes(this.#stream.facts.init));
    this.#timeline = new LiveTimeline(this.#stream.chunks, needs.epochMs);
    this.id = key.id;
    this.title = title;
    this.isListed = needs.isListed;
    this.signedDescription = key.signDescription({
      version: 1,
      title,
      kind: 'live',
      pieceBytes: 16384,
      windowChunks: windowChunks(this.#stream.chunks),
      streams: [{ ...this.#stream.facts, durationsUs: [] }],
      ...(needs.poster && { poster: needs.poster.facts }),
    });
    this.description = JSON.parse(this.signedDescription.description) as ChannelDescription;
  }

  /** Fills the window with what is on air by now, then publishes chunk after chunk until `close`. */
  async start(): Promise<void> {
    await this.#catchUp(false);
    this.#schedule();
  }

  /** Idempotent; leaves no timer behind. What was published can still be read. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  available(stream: number): Available | undefined {
    if (stream !== this.#stream.facts.id) return undefined;
    return { first: Math.max(0, this.#newest - this.#retained + 1), newest: this.#newest };
  }

  entry(stream: number, index: number): LogEntry | undefined {
    return stream === this.#stream.facts.id ? this.#entries.get(index) : undefined;
  }

  async readChunk(stream: number, index: number): Promise<Uint8Array | undefined> {
    const entry = this.entry(stream, index);
    return entry && requireIntact(await this.#bytesOf(index), entry, chunkPath(this.#needs.pack, this.#stream, this.#timeline.at(index).position));
  }

  picture(hash: string): Promise<Uint8Array | undefined> {
    const { poster } = this.#needs;
    return Promise.resolve(poster?.facts.hash === hash ? poster.bytes : undefined);
  }

  get #retained(): number {
    return this.description.windowChunks + EXTRA_CHUNKS;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    // The next chunk is read and signed ahead, so that nothing stands between its moment and its publication.
    const prepared = this.#makeEntry(this.#newest + 1);
    prepared.catch(() => undefined);
    const waitMs = Math.max(0, this.#timeline.publishedMs(this.#newest + 1) - this.#needs.clock.nowMs());
    this.#cancel = this.#needs.clock.after(waitMs, () => void this.#publishNext(prepared));
  }

  async #publishNext(prepared: Promise<LogEntry>): Promise<void> {
    try {
      this.#publish(await prepared, true);
      // More than one may be due: the machine slept.
      await this.#catchUp(true);
      this.#schedule();
    } catch (error) {
      this.#needs.onFault(error);
      if (!this.#isClosed) this.#cancel = this.#needs.clock.after(RETRY_MS, () => this.#schedule());
    }
  }

  async #catchUp(isAnnounced: boolean): Promise<void> {
    const newest = this.#timeline.newestAt(this.#needs.clock.nowMs());
    for (let index = Math.max(this.#newest + 1, newest - this.#retained + 1); index <= newest; index++) {
      this.#publish(await this.#makeEntry(index), isAnnounced);
    }
  }

  #publish(entry: LogEntry, isAnnounced: boolean): void {
    if (this.#isClosed) return;
    const { index } = entry.signed.record;
    this.#entries.set(index, entry);
    this.#newest = index;
    const first = index - this.#retained + 1;
    for (const old of this.#entries.keys()) if (old < first) this.#entries.delete(old);
    if (isAnnounced) this.#needs.onHead(entry);
  }

  async #makeEntry(index: number): Promise<LogEntry> {
    const bytes = await this.#bytesOf(index);
    const { root, hashes } = digestChunk(bytes);
    const { startUs, durationUs, onAirMs } = this.#timeline.at(index);
    const signed = this.#needs.key.signRecord({
      stream: streamId(this.#stream.facts.id),
      index: chunkIndex(index),
      startUs,
      durationUs,
      bytes: bytes.length,
      root,
      mediaSequence: index,
      discontinuitySequence: 0,
      onAirMs,
    });
    return { signed, hashes };
  }

  async #bytesOf(index: number): Promise<Uint8Array> {
    const { position, round } = this.#timeline.at(index);
    const packaged = await readFile(chunkPath(this.#needs.pack, this.#stream, position));
    // Numbers of fragments start at 1 and may wrap; only their order within a playback counts.
    return shiftFragment(packaged, this.#tracks, round * this.#timeline.loopUs, (index + 1) % 0x1_0000_0000);
  }
}
