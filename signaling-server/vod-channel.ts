/** A channel on demand: its log is closed and signed, its chunks are files of a package. */
import { readFile } from 'node:fs/promises';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import type { ChannelId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { ChannelKey } from '#ingest/node/channel-key';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
import { requireIntact } from './chunk-file.ts';
import type { Available, ServedChannel } from './seeder/served-channel.ts';

export interface VodChannelNeeds {
  readonly title: string;
  readonly isListed: boolean;
  readonly key: ChannelKey;
  readonly pack: MediaPackage;
  /** Closed log of each stream, by its id. */
  readonly logs: ReadonlyMap<number, readonly LogEntry[]>;
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

  constructor({ title, isListed, key, pack, logs }: VodChannelNeeds) {
    this.id = key.id;
    this.title = title;
    this.isListed = isListed;
    this.#pack = pack;
    this.#logs = logs;
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
    const path = chunkPath(this.#pack, packaged, index);
    return requireIntact(await readFile(path), entry, path);
  }
}
