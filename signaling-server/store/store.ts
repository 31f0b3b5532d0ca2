/**
 * Channels, their keys and logs, the server's own keys, and which file became which package. Synchronous, as SQLite is;
 * nothing here is on the path of a chunk. Keys never leave except to the code that signs with them.
 */
import type { ChannelId } from '#protocol/ids';
import { decodeLogEntries, encodeLogEntries, type LogEntry } from '#protocol/record';
import { asStoreError, openDatabase, type Connection } from './database.ts';
import { bytesOf, type Blob } from './blob.ts';
import { PublishedStore } from './published-store.ts';

/** What makes a channel the same channel after a restart. */
export interface ChannelIdentity {
  readonly title: string;
  readonly kind: 'vod' | 'live';
  /** Absolute path of the file or folder. */
  readonly source: string;
  /** Content of the source: another content is another channel, because a signed log must not change under its viewers. */
  readonly package: string;
}

export interface StoredChannel extends ChannelIdentity {
  readonly id: ChannelId;
  readonly seed: Uint8Array;
  /** Live: when chunk 0 went on air, ms since 1970. VoD: 0. */
  readonly epochMs: number;
}

/** How a source looked when it was packaged. */
export interface SourceState {
  readonly path: string;
  readonly mode: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Version of the packager: a newer one packages again. */
  readonly packager: number;
}

interface ChannelRow {
  readonly id: string;
  readonly seed: Blob;
  readonly epoch_ms: number;
}

export class Store {
  readonly #connection: Connection;
  readonly #folder: string;
  /** Channels of hosts elsewhere. */
  readonly published: PublishedStore;

  /** @throws StoreError when the folder cannot be used. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#connection = openDatabase(folder);
    this.published = new PublishedStore(this.#connection, (write) => this.#writing(write));
  }

  /** The key of that name; the first time, the one `create` makes. */
  serverSeed(name: string, create: () => Uint8Array): Uint8Array {
    return this.#writing(() => {
      this.#connection.prepare('INSERT INTO server_keys (name, seed) VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, create());
      return bytesOf((this.#connection.prepare('SELECT seed FROM server_keys WHERE name = ?').get(name) as { seed: Blob }).seed);
    });
  }

  /** Id of the package made of a source that still looks the same. */
  packageOf(source: SourceState): string | undefined {
    const row = this.#connection
      .prepare('SELECT package FROM sources WHERE path = ? AND mode = ? AND bytes = ? AND modified_ms = ? AND packager = ?')
      .get(source.path, source.mode, source.bytes, source.modifiedMs, source.packager) as { package: string } | undefined;
    return row?.package;
  }

  rememberPackage(source: SourceState, packageId: string): void {
    this.#writing(() => {
      this.#connection
        .prepare('INSERT OR REPLACE INTO sources (path, mode, bytes, modified_ms, packager, package) VALUES (?, ?, ?, ?, ?, ?)')
        .run(source.path, source.mode, source.bytes, source.modifiedMs, source.packager, packageId);
    });
  }

  findChannel(identity: ChannelIdentity): StoredChannel | undefined {
    const row = this.#connection
      .prepare('SELECT id, seed, epoch_ms FROM channels WHERE title = ? AND kind = ? AND source = ? AND package = ?')
      .get(identity.title, identity.kind, identity.source, identity.package) as ChannelRow | undefined;
    return row && { ...identity, id: row.id as ChannelId, seed: bytesOf(row.seed), epochMs: row.epoch_ms };
  }

  /** The channel of a key that its host brought, whatever it was called when it was added. */
  channelOfKey(id: ChannelId): StoredChannel | undefined {
    const row = this.#connection
      .prepare('SELECT id, title, kind, source, package, seed, epoch_ms FROM channels WHERE id = ?')
      .get(id) as (ChannelRow & ChannelIdentity) | undefined;
    if (!row) return undefined;
    const { title, kind, source } = row;
    return { title, kind, source, package: row.package, id: row.id as ChannelId, seed: bytesOf(row.seed), epochMs: row.epoch_ms };
  }

  /** Another title for a channel, or another place for its source; what it is made of stays. */
  updateChannel(id: ChannelId, { title, source }: Pick<ChannelIdentity, 'title' | 'source'>): void {
    this.#writing(() => {
      this.#connection.prepare('UPDATE channels SET title = ?, source = ? WHERE id = ?').run(title, source, id);
    });
  }

  /** Adds a channel with its whole log (live: none), in one transaction. `logs[n]` is the log of stream `n`'s id. */
  addChannel(channel: StoredChannel, logs: ReadonlyMap<number, readonly LogEntry[]>): void {
    this.#writing(() => this.#connection.transaction(() => {
      this.#connection
        .prepare('INSERT INTO channels (id, title, kind, source, package, seed, epoch_ms) VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(channel.id, channel.title, channel.kind, channel.source, channel.package, channel.seed, channel.epochMs);
      const insert = this.#connection.prepare('INSERT INTO logs (channel, stream, chunk, entry) VALUES (?, ?, ?, ?)');
      for (const [stream, entries] of logs) {
        for (const entry of entries) insert.run(channel.id, stream, entry.signed.record.index, encodeLogEntries([entry]));
      }
    })());
  }

  /** The closed log of a VoD stream, in order. */
  readLog(channel: ChannelId, stream: number): LogEntry[] {
    const rows = this.#connection
      .prepare('SELECT entry FROM logs WHERE channel = ? AND stream = ? ORDER BY chunk')
      .all(channel, stream) as { entry: Blob }[];
    return rows.flatMap((row) => decodeLogEntries(bytesOf(row.entry)));
  }

  /** Idempotent. */
  close(): void {
    if (this.#connection.open) this.#connection.close();
  }

  #writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw asStoreError(error, this.#folder);
    }
  }
}
