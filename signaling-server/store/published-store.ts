/**
 * The database's part of channels that hosts elsewhere have published: description, log and how they are served. Their
 * chunks are files (publishing/chunk-folder.ts).
 */
import type { SignedDescription } from '#protocol/description';
import type { ChannelId } from '#protocol/ids';
import type { Floor } from '#protocol/hosted';
import { decodeLogEntries, encodeLogEntries, type LogEntry } from '#protocol/record';
import { bytesOf, type Blob } from './blob.ts';
import type { Connection } from './database.ts';

export interface StoredPublication {
  readonly signed: SignedDescription;
  readonly floor: Floor;
  readonly isListed: boolean;
  /** The host ended it in good order. */
  readonly isOver: boolean;
}

interface PublishedRow {
  readonly id: string;
  readonly description: string;
  readonly signature: string;
  readonly floor: string;
  readonly is_listed: number;
  readonly is_over: number;
}

export class PublishedStore {
  readonly #connection: Connection;
  readonly #writing: <T>(write: () => T) => T;

  /** @param writing turns what SQLite throws into a StoreError. */
  constructor(connection: Connection, writing: <T>(write: () => T) => T) {
    this.#connection = connection;
    this.#writing = writing;
  }

  all(): StoredPublication[] {
    const rows = this.#connection.prepare('SELECT id, description, signature, floor, is_listed, is_over FROM published ORDER BY rowid').all() as PublishedRow[];
    return rows.map((row) => ({
      signed: { channel: row.id as ChannelId, description: row.description, signature: row.signature },
      floor: row.floor as Floor,
      isListed: row.is_listed !== 0,
      isOver: row.is_over !== 0,
    }));
  }

  /** Adds a channel or replaces what is known of it; its log stays. */
  put({ signed, floor, isListed, isOver }: StoredPublication): void {
    this.#writing(() => {
      this.#connection
        .prepare(
          'INSERT INTO published (id, description, signature, floor, is_listed, is_over) VALUES (?, ?, ?, ?, ?, ?) ' +
            'ON CONFLICT (id) DO UPDATE SET description = excluded.description, signature = excluded.signature, ' +
            'floor = excluded.floor, is_listed = excluded.is_listed, is_over = excluded.is_over',
        )
        .run(signed.channel, signed.description, signed.signature, floor, isListed ? 1 : 0, isOver ? 1 : 0);
    });
  }

  /** Entries as far as they came, in order. */
  entries(channel: ChannelId, stream: number): LogEntry[] {
    const rows = this.#connection
      .prepare('SELECT entry FROM published_entries WHERE channel = ? AND stream = ? ORDER BY chunk')
      .all(channel, stream) as { entry: Blob }[];
    return rows.flatMap((row) => decodeLogEntries(bytesOf(row.entry)));
  }

  /** All of them or, when that fails, none. */
  addEntries(channel: ChannelId, entries: readonly LogEntry[]): void {
    this.#writing(() => this.#connection.transaction(() => {
      const insert = this.#connection.prepare('INSERT INTO published_entries (channel, stream, chunk, entry) VALUES (?, ?, ?, ?)');
      for (const entry of entries) {
        const { stream, index } = entry.signed.record;
        insert.run(channel, stream, index, encodeLogEntries([entry]));
      }
    })());
  }

  /** Live: what left the window. */
  forgetEntriesBefore(channel: ChannelId, stream: number, index: number): void {
    this.#writing(() => void this.#connection.prepare('DELETE FROM published_entries WHERE channel = ? AND stream = ? AND chunk < ?').run(channel, stream, index));
  }

  /** Time of each channel's newest request, ms since 1970; of channels that are gone, too. */
  newestRequests(): Map<ChannelId, number> {
    const rows = this.#connection.prepare('SELECT channel, newest_ms FROM published_times').all() as { channel: ChannelId; newest_ms: number }[];
    return new Map(rows.map((row) => [row.channel, row.newest_ms]));
  }

  rememberRequest(channel: ChannelId, timeMs: number): void {
    this.#writing(() => void this.#connection.prepare('INSERT INTO published_times (channel, newest_ms) VALUES (?, ?) ON CONFLICT (channel) DO UPDATE SET newest_ms = max(newest_ms, excluded.newest_ms)').run(channel, timeMs));
  }

  /** Forgets the times of channels that are gone, where their requests would be refused as too old anyway. */
  forgetRequestsBefore(timeMs: number): void {
    this.#writing(() => void this.#connection.prepare('DELETE FROM published_times WHERE newest_ms < ? AND channel NOT IN (SELECT id FROM published)').run(timeMs));
  }

  remove(channel: ChannelId): void {
    this.#writing(() => void this.#connection.prepare('DELETE FROM published WHERE id = ?').run(channel));
  }
}
