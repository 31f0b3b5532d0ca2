/**
 * A media package: what hosting needs of one source, cut into chunk files once and kept in the data folder. Its id is
 * the hash of everything in it, and its folder appears under that id by one rename when all of it is written, so a
 * package that can be opened is whole.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { base64ToBytes } from '#protocol/base64';
import { merkleRoot } from '#protocol/merkle';
import { asWriteError } from '../ingest-error.ts';
import type { ChunkOrigin, PackagedChunk, PackagedStream } from '../packaged-stream.ts';
import { digestChunk, sha256 } from './sha256.ts';

export interface MediaPackage {
  readonly id: string;
  readonly folder: string;
  readonly streams: readonly PackagedStream[];
}

/** Where packages go, and who is told how far one is. */
export interface PackagePlace {
  /** Folder that holds all packages. */
  readonly root: string;
  /** Share of the source that is done, 0 to 1, after each chunk. */
  readonly onProgress?: (ratio: number) => void;
}

const MANIFEST = 'manifest.json';
const manifestSchema = z.strictObject({
  version: z.literal(1),
  streams: z.array(z.strictObject({
    facts: z.custom<PackagedStream['facts']>((value) => typeof value === 'object' && value !== null),
    /** start, duration (both microseconds), length in bytes, piece hashes in base64; address and offset where the bytes are elsewhere */
    chunks: z.array(z.union([z.tuple([z.int(), z.int(), z.int(), z.string()]), z.tuple([z.int(), z.int(), z.int(), z.string(), z.string(), z.int()])])),
  })),
});

/** Where a chunk of a package is kept. Built from numbers and a closed list of endings, never from a request's text. */
export const chunkPath = (pack: MediaPackage, stream: PackagedStream, chunk: number): string =>
  join(pack.folder, String(stream.facts.id), `${chunk}.${stream.facts.extension}`);

/** Writes one package under a temporary name; `finish` makes it appear, `discard` leaves nothing of it. */
export class PackageWriter {
  readonly #root: string;
  readonly #folder: string;
  readonly #chunks = new Map<number, PackagedChunk[]>();
  /** The chunk being written while the next one is made. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** @param root folder that holds all packages. @throws IngestError when it cannot be written to. */
  static async create(root: string): Promise<PackageWriter> {
    const folder = join(root, `.tmp-${process.pid}-${randomBytes(6).toString('hex')}`);
    await writing(root, () => mkdir(folder, { recursive: true }));
    return new PackageWriter(root, folder);
  }

  /**
   * Hashes and stores the next chunk of a stream. Its bytes may still be on their way to the disk: what goes wrong with
   * them is thrown by the next call, at the latest by `finish`. @throws IngestError when the disk is full.
   */
  async addChunk(stream: number, extension: string, chunk: { startUs: number; durationUs: number; bytes: Uint8Array }): Promise<PackagedChunk> {
    let chunks = this.#chunks.get(stream);
    const folder = join(this.#folder, String(stream));
    if (!chunks) {
      await writing(this.#root, () => mkdir(folder));
      this.#chunks.set(stream, (chunks = []));
    }
    await this.#writing;
    this.#writing = writing(this.#root, () => writeWhole(join(folder, `${chunks.length}.${extension}`), chunk.bytes));
    // Heard by whoever awaits it next; until then it is nobody's unhandled rejection.
    this.#writing.catch(() => undefined);
    const packaged = { startUs: chunk.startUs, durationUs: chunk.durationUs, bytes: chunk.bytes.length, ...digestChunk(chunk.bytes) };
    chunks.push(packaged);
    return packaged;
  }

  /** Hashes the next chunk of a stream whose bytes stay where they are. */
  addReference(stream: number, chunk: { startUs: number; durationUs: number; bytes: Uint8Array }, origin: ChunkOrigin): PackagedChunk {
    const chunks = this.#chunks.get(stream) ?? [];
    this.#chunks.set(stream, chunks);
    const packaged = { startUs: chunk.startUs, durationUs: chunk.durationUs, bytes: chunk.bytes.length, origin, ...digestChunk(chunk.bytes) };
    chunks.push(packaged);
    return packaged;
  }

  /** Length of what a stream has so far, microseconds. */
  lengthUs(stream: number): number {
    const last = this.#chunks.get(stream)?.at(-1);
    return last ? last.startUs + last.durationUs : 0;
  }

  /** The finished package; one with the same content that is already there is kept instead. */
  async finish(facts: readonly PackagedStream['facts'][]): Promise<MediaPackage> {
    await this.#writing;
    const streams = facts.map((one) => ({ facts: one, chunks: this.#chunks.get(one.id) ?? [] }));
    const manifest = JSON.stringify({
      version: 1,
      streams: streams.map(({ facts: one, chunks }) => ({
        facts: one,
        chunks: chunks.map(({ startUs, durationUs, bytes, hashes, origin }) => [startUs, durationUs, bytes, Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length).toString('base64'), ...(origin ? [origin.url, origin.offset] : [])]),
      })),
    });
    const id = Buffer.from(sha256(Buffer.from(manifest))).toString('hex').slice(0, 40);
    const folder = join(this.#root, id);
    await writing(this.#root, async () => {
      const file = await open(join(this.#folder, MANIFEST), 'w');
      try {
        await file.writeFile(manifest);
        await file.sync();
      } finally {
        await file.close();
      }
      if (existsSync(folder)) await this.discard();
      else await renameUnlessThere(this.#folder, folder);
    });
    return { id, folder, streams };
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** In one call: writeFile goes in steps of half a megabyte. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
  } finally {
    await file.close();
  }
}

/** Another process may have finished the same package in the meantime; theirs has the same content. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!existsSync(join(to, MANIFEST))) throw error;
    await rm(from, { recursive: true, force: true });
  }
}

async function writing<T>(root: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw asWriteError(error, root);
  }
}

/** A package written earlier, or undefined where there is none that can be read. */
export async function openPackage(root: string, id: string): Promise<MediaPackage | undefined> {
  const folder = join(root, id);
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch {
    return undefined; // Removed by hand: the source is packaged again.
  }
  const manifest = manifestSchema.parse(JSON.parse(text));
  const streams = manifest.streams.map(({ facts, chunks }) => ({
    facts,
    chunks: chunks.map(([startUs, durationUs, bytes, hashText, url, offset]) => {
      const hashes = base64ToBytes(hashText);
      return { startUs, durationUs, bytes, hashes, root: merkleRoot(hashes, sha256), ...(url !== undefined && offset !== undefined && { origin: { url, offset } }) };
    }),
  }));
  return { id, folder, streams };
}

/** Removes what earlier processes left unfinished. Writers of processes that still run are left alone. */
export async function removeUnfinished(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const pid = Number(/^\.tmp-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && pid !== process.pid && !isRunning(pid)) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
