/**
 * The server's memory between two runs: one SQLite file in the data folder. Opening creates it, brings it up to date and
 * makes sure it can be written; every other file of this folder works on the connection it returns.
 */
import Database from 'libsql';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS } from './migrations.ts';
import { StoreError } from './store-error.ts';

export type Connection = InstanceType<typeof Database>;

/** How long a statement waits for another process that is writing, seconds (libsql's unit is milliseconds). */
const BUSY_TIMEOUT_MS = 5000;

/** @param folder is made if it is missing. @throws StoreError with a sentence for whoever chose the folder. */
export function openDatabase(folder: string): Connection {
  try {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'tributary.db');
    const connection = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    // The file holds private keys.
    chmodSync(file, 0o600);
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec('PRAGMA foreign_keys = ON');
    migrate(connection, folder);
    return connection;
  } catch (error) {
    throw asStoreError(error, folder);
  }
}

/** Takes the steps that are still missing, each whole or not at all. */
function migrate(connection: Connection, folder: string): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const [row] = connection.prepare('PRAGMA user_version').all() as { user_version: number }[];
    const version = row?.user_version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new StoreError('newer', `The data folder ${folder} was written by a newer version of Tributary: update, or choose another folder with --data.`);
    }
    for (const step of MIGRATIONS.slice(version)) connection.exec(step);
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}

/** What went wrong while opening or writing, as a sentence; reasons of our own pass through. */
export function asStoreError(error: unknown, folder: string): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : String(error);
  if (/ENOSPC|EDQUOT|SQLITE_FULL|disk is full/i.test(text)) {
    return new StoreError('diskFull', `The disk that holds ${folder} is full: free some space or choose another folder with --data.`, error);
  }
  if (/SQLITE_CORRUPT|SQLITE_NOTADB|malformed|not a database/i.test(text)) {
    return new StoreError('damaged', `The database in ${folder} is damaged: restore it from a backup, or choose another folder with --data (channels then get new links).`, error);
  }
  return new StoreError('unwritable', `The data folder ${folder} cannot be written to: choose another with --data.`, error);
}
