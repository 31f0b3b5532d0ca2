/**
 * What a page remembers of the channels it hosts: key, title, and where the browser has it a handle of the file, so that
 * a reload is no farewell. IndexedDB, because it keeps keys and handles as they are. A page without it forgets.
 */
import type { ChannelId } from '#protocol/ids';
import type { Floor } from '#protocol/hosted';
import type { LiveKind } from './capture.ts';
import type { KeptKey } from './channel-signer.ts';

export interface KeptFile {
  readonly kind: 'file';
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Where the browser hands out such things. */
  readonly handle: FileSystemFileHandle | null;
}

export interface KeptHosting {
  readonly channel: ChannelId;
  readonly key: KeptKey;
  readonly title: string;
  readonly floor: Floor;
  readonly isListed: boolean;
  readonly startedMs: number;
  readonly source: KeptFile | { readonly kind: 'live'; readonly from: LiveKind; readonly chunkMs: number };
}

const DATABASE = 'tributary-hosting';
const STORE = 'hostings';
const VERSION = 1;

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed.'));
  });

/** A request has succeeded some time before what it wrote is kept, and a page that goes in between takes it back. */
const settled = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up.'));
  });

export class HostingMemory {
  readonly #factory: IDBFactory | undefined;
  #database: Promise<IDBDatabase | null> | undefined;

  constructor(factory: IDBFactory | undefined = (globalThis as { readonly indexedDB?: IDBFactory }).indexedDB) {
    this.#factory = factory;
  }

  /** Newest first. */
  async list(): Promise<KeptHosting[]> {
    const kept = (await this.#run('readonly', (store) => done(store.getAll() as IDBRequest<KeptHosting[]>))) ?? [];
    return kept.sort((a, b) => b.startedMs - a.startedMs);
  }

  /** @returns whether it will be remembered. */
  async keep(hosting: KeptHosting): Promise<boolean> {
    return (await this.#run('readwrite', (store) => done(store.put(hosting, hosting.channel)))) !== null;
  }

  async forget(channel: ChannelId): Promise<void> {
    await this.#run('readwrite', (store) => done(store.delete(channel)));
  }

  /** Null where the browser lets pages keep nothing. */
  async #run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => Promise<T>): Promise<T | null> {
    this.#database ??= this.#open();
    const database = await this.#database;
    if (!database) return null;
    try {
      const transaction = database.transaction(STORE, mode);
      const [result] = await Promise.all([act(transaction.objectStore(STORE)), settled(transaction)]);
      return result;
    } catch {
      return null; // A full disk, or a browser that changed its mind: hosting itself goes on.
    }
  }

  async #open(): Promise<IDBDatabase | null> {
    if (!this.#factory) return null;
    try {
      const request = this.#factory.open(DATABASE, VERSION);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      return await done(request);
    } catch {
      return null; // Private windows of some browsers refuse.
    }
  }
}
