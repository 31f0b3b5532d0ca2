import Database from 'libsql';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkIndex, parseChannelId, streamId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import { asStoreError } from './database.ts';
import { Store, type StoredChannel } from './store.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tributary-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const CHANNEL: StoredChannel = {
  id: parseChannelId('a'.repeat(32)), title: 'A', kind: 'vod', source: '/a.mp4', package: 'p1', seed: new Uint8Array(32).fill(9), epochMs: 0,
};

function entry(index: number): LogEntry {
  const record = { stream: streamId(0), index: chunkIndex(index), startUs: index * 2e6, durationUs: 2e6, bytes: 40_000, root: new Uint8Array(32).fill(index), mediaSequence: index, discontinuitySequence: 0, onAirMs: 0 };
  return { signed: { record, signature: new Uint8Array(64).fill(3) }, hashes: new Uint8Array(96).fill(index) };
}

/** What another start of the server sees. */
function reopened<T>(look: (store: Store) => T): T {
  const store = new Store(folder);
  try {
    return look(store);
  } finally {
    store.close();
  }
}

describe('the store', () => {
  it('has channels, keys and logs again after a restart', () => {
    const log = Array.from({ length: 12 }, (_, n) => entry(n));
    reopened((store) => store.addChannel(CHANNEL, new Map([[0, log], [1, []]])));
    reopened((store) => {
      expect(store.findChannel(CHANNEL)).toEqual(CHANNEL);
      expect(store.readLog(CHANNEL.id, 0).map(({ signed, hashes }) => [signed.record, Array.from(hashes)])).toEqual(log.map(({ signed, hashes }) => [signed.record, Array.from(hashes)]));
      expect(store.readLog(CHANNEL.id, 1)).toEqual([]);
    });
  });

  it.each([
    ['another title', { title: 'B' }],
    ['another kind', { kind: 'live' as const }],
    ['another file', { source: '/b.mp4' }],
    ['another content', { package: 'p2' }],
  ])('takes %s for another channel', (_, change) => {
    reopened((store) => {
      store.addChannel(CHANNEL, new Map());
      expect(store.findChannel({ ...CHANNEL, ...change })).toBeUndefined();
    });
  });

  it('finds a channel by its key alone, under the title it was given last', () => {
    reopened((store) => {
      store.addChannel(CHANNEL, new Map());
      store.updateChannel(CHANNEL.id, { title: 'B', source: '/b.mp4' });
      expect(store.channelOfKey(CHANNEL.id)).toEqual({ ...CHANNEL, title: 'B', source: '/b.mp4' });
      expect(store.channelOfKey(parseChannelId('c'.repeat(32)))).toBeUndefined();
    });
  });

  it('adds a channel whole or not at all', () => {
    reopened((store) => {
      // The second entry has the number of the first.
      expect(() => store.addChannel(CHANNEL, new Map([[0, [entry(0), entry(0)]]]))).toThrow();
      expect(store.findChannel(CHANNEL)).toBeUndefined();
      store.addChannel(CHANNEL, new Map([[0, [entry(0)]]]));
      expect(store.readLog(CHANNEL.id, 0)).toHaveLength(1);
    });
  });

  it('makes a key of its own once', () => {
    let made = 0;
    const create = () => new Uint8Array(32).fill(++made);
    expect(Array.from(reopened((store) => store.serverSeed('tracker', create)))).toEqual(Array(32).fill(1));
    expect(Array.from(reopened((store) => store.serverSeed('tracker', create)))).toEqual(Array(32).fill(1));
    expect(Array.from(reopened((store) => store.serverSeed('other', create)))).not.toEqual(Array(32).fill(1));
  });

  it('knows the package of a source that looks the same, and of no other', () => {
    const source = { path: '/a.mp4', mode: 'once', bytes: 10, modifiedMs: 1_800_000_000_000, packager: 1 };
    reopened((store) => store.rememberPackage(source, 'p1'));
    reopened((store) => {
      expect(store.packageOf(source)).toBe('p1');
      for (const change of [{ path: '/b' }, { mode: 'loop' }, { bytes: 11 }, { modifiedMs: 5 }, { packager: 2 }]) expect(store.packageOf({ ...source, ...change })).toBeUndefined();
      store.rememberPackage({ ...source, bytes: 11 }, 'p2');
      expect([store.packageOf(source), store.packageOf({ ...source, bytes: 11 })]).toEqual([undefined, 'p2']);
    });
  });

  it('keeps its keys from other users of the machine', () => {
    new Store(folder).close();
    expect(statSync(join(folder, 'tributary.db')).mode & 0o077).toBe(0);
  });

  it('closes twice without harm', () => {
    const store = new Store(folder);
    store.close();
    store.close();
  });
});

describe('a data folder that cannot be used is named in a sentence', () => {
  it('when it lies below a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new Store(join(folder, 'file', 'data'))).toThrow(expect.objectContaining({ name: 'StoreError', reason: 'unwritable', message: expect.stringContaining('--data') as string }) as Error);
  });

  it('when its database is none', () => {
    writeFileSync(join(folder, 'tributary.db'), 'This is not a database. '.repeat(100));
    expect(() => new Store(folder)).toThrow(expect.objectContaining({ reason: 'damaged' }) as Error);
  });

  it('when a newer version has written it', () => {
    new Store(folder).close();
    const connection = new Database(join(folder, 'tributary.db'));
    connection.exec('PRAGMA user_version = 99');
    connection.close();
    expect(() => new Store(folder)).toThrow(expect.objectContaining({ reason: 'newer' }) as Error);
  });

  it.each([
    ['SQLITE_FULL', 'diskFull'],
    ['SQLITE_IOERR', 'unwritable'],
    ['SQLITE_READONLY', 'unwritable'],
    ['SQLITE_CORRUPT', 'damaged'],
  ])('when SQLite says %s', (code, reason) => {
    expect(asStoreError(Object.assign(new Error('x'), { code }), folder).reason).toBe(reason);
  });
});
