/** A channel on demand: its log is closed and signed, its chunks are files of a package, or stay with their origin. */
import { readFile } from 'node:fs/promises';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import type { ChannelId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { ChannelKey } from '#ingest/node/channel-key';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
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
  /** Reads a chunk of that many bytes that stayed with its origin. */
  readonly readRemote: (origin: ChunkOrigin, bytes: number) => Promise<Uint8Array>;
}

export class VodChannel implements ServedChannel {
  readonly kind = 'vod';
  readonly id: ChannelId;
  readonly title: string;
  readonly isListed: boolean;
  readonly description: ChannelDescription;
  readonly signedDescription: SignedDescription;
  readonly durationSeconds: number;
  readonly #pack: MediaPackage;
  readonly #logs: ReadonlyMap<number, readonly LogEntry[]>;
  readonly #readRemote: VodChannelNeeds['readRemote'];

  constructor({ title, isListed, key, pack, logs, readRemote }: VodChannelNeeds) {
    this.id = key.id;
    this.title = title;
    this.isListed = isListed;
    this.#pack = pack;
    this.#logs = logs;
    this.#readRemote = readRemote;
    this.signedDescription = key.signDescription({
      version: 1,
      title,
      kind: 'vod',
      pieceBytes: 16384,
      windowChunks: 0,
      streams: pack.streams.map(({ facts, chunks }) => ({ ...facts, durationsUs: chunks.map((chunk) => chunk.durationUs) })),
    });
    this.description = JSON.parse(this.signedDescription.description) as ChannelDescription;
    this.durationSeconds = Math.max(...pack.streams.map(({ chunks }) => chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0))) / 1e6;
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
