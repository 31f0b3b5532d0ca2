/** A channel on demand: its log is closed and signed, its chunks are files of a package, or stay with their origin. */
import { readFile } from 'node:fs/promises';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import type { ChannelId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { ChannelKey } from '#ingest/node/channel-key';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
import type { PictureFile } from '#ingest/node/read-picture';
import { thumbnailsOf, type ThumbnailSheet } from '#ingest/node/thumbnails';
import type { ChunkOrigin } from '#ingest/packaged-stream';
import { requireIntact } from './chunk-file.ts';
import type { Available, ServedChannel } from './seeder/served-channel.ts';

export interface VodChannelNeeds {
  readonly title: string;
  readonly isListed: boolean;
  readonly key: ChannelKey;
  readonly pack: MediaPackage;
  /** Closed log of each stream, by its id. */
  readonly logs: ReadonlyMap<number, readonly LogEntry[]>;
  readonly poster?: PictureFile | undefined;
  /** Reads a chunk of that many bytes that stayed with its origin. */
  readonly readRemote: (origin: ChunkOrigin, bytes: number) => Promise<Uint8Array>;
}

export class VodChannel implements ServedChannel {
  readonly kind = 'vod';
  readonly id: ChannelId;
  readonly title: string;
  readonly isListed: boolean;
  readonly durationSeconds: number;
  readonly #needs: VodChannelNeeds;
  readonly #pack: MediaPackage;
  #described: { readonly signed: SignedDescription; readonly description: ChannelDescription };
  #thumbnails: ThumbnailSheet | undefined;
  readonly #logs: ReadonlyMap<number, readonly LogEntry[]>;
  readonly #readRemote: VodChannelNeeds['readRemote'];

  constructor(needs: VodChannelNeeds) {
    const { title, isListed, key, pack, logs, readRemote } = needs;
    this.#needs = needs;
    this.id = key.id;
    this.title = title;
    this.isListed = isListed;
    this.#pack = pack;
    this.#logs = logs;
    this.#readRemote = readRemote;
    this.#described = this.#describe();
    this.durationSeconds = Math.max(...pack.streams.map(({ chunks }) => chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0))) / 1e6;
  }

  get description(): ChannelDescription {
    return this.#described.description;
  }

  get signedDescription(): SignedDescription {
    return this.#described.signed;
  }

  /** Makes pictures for the seek bar where that is possible; who comes after that finds them in the description. */
  async addThumbnails(ffmpeg: string, signal: AbortSignal): Promise<void> {
    this.#thumbnails = await thumbnailsOf({ pack: this.#pack, ffmpeg, signal, readRemote: (stream, chunk) => this.readChunk(stream, chunk) });
    this.#described = this.#describe();
  }

  picture(hash: string): Promise<Uint8Array | undefined> {
    return Promise.resolve([this.#needs.poster, this.#thumbnails?.sheet].find((one) => one?.facts.hash === hash)?.bytes);
  }

  #describe(): { signed: SignedDescription; description: ChannelDescription } {
    const { title, key, pack, poster } = this.#needs;
    const signed = key.signDescription({
      version: 1,
      title,
      kind: 'vod',
      pieceBytes: 16384,
      windowChunks: 0,
      streams: pack.streams.map(({ facts, chunks }) => ({ ...facts, durationsUs: chunks.map((chunk) => chunk.durationUs) })),
      ...(poster && { poster: poster.facts }),
      ...(this.#thumbnails && { thumbnails: this.#thumbnails.thumbnails }),
    });
    return { signed, description: JSON.parse(signed.description) as ChannelDescription };
  }

  available(stream: number): Available | undefined {
    const log = this.#logs.get(stream);
    return log && { first: 0, newest: log.length - 1 };
  }

  entry(stream: number, index: number): LogEntry | undefined {
    return this.#logs.get(stream)?.[index];
  }

  async readChunk(stream: number, index: number): Promise<Uint8Array | undefined> {
    const packaged = this.#pack.streams.find(({ facts }) => facts.id === stream);
    const entry = this.entry(stream, index);
    if (!packaged || !entry) return undefined;
    const origin = packaged.chunks[index]?.origin;
    if (origin) return requireIntact(await this.#readRemote(origin, entry.signed.record.bytes), entry, origin.url);
    const path = chunkPath(this.#pack, packaged, index);
    return requireIntact(await readFile(path), entry, path);
  }
}
