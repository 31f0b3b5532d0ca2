/**
 * The chunks of one published channel as files. A file appears under its name by a rename when it is whole, and what an
 * interrupted write left is cleared away at the next start. Paths are built from an id that was checked, numbers and a
 * closed list of endings, never from a request's text.
 */
import { randomBytes } from 'node:crypto';
import { open, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StreamDescription } from '#protocol/description';

type Extension = StreamDescription['extension'];
const TEMPORARY = '.part-';
/** Beside the streams, whose folders are numbers. */
const PICTURES = 'pictures';

export class ChunkFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Indexes of the chunks of a stream that are whole; removes what is not. */
  async list(stream: number, extension: Extension): Promise<number[]> {
    const folder = this.#of(stream);
    const names = await readdir(folder).catch(() => []);
    const indexes: number[] = [];
    for (const name of names) {
      const match = /^(\d{1,10})\.([a-z0-9]+)$/.exec(name);
      if (match?.[2] === extension) indexes.push(Number(match[1]));
      else if (name.startsWith(TEMPORARY)) await rm(join(folder, name), { force: true });
    }
    return indexes;
  }

  /** Whole or not at all, also when the machine loses power. */
  async write(stream: number, index: number, extension: Extension, bytes: Uint8Array): Promise<void> {
    await writeWhole(this.#of(stream), `${index}.${extension}`, bytes);
  }

  /** @param hash names the file; @param named the pictures that stay */
  async writePicture(hash: string, bytes: Uint8Array, named: readonly string[]): Promise<void> {
    const folder = join(this.#folder, PICTURES);
    await writeWhole(folder, hash, bytes);
    for (const old of await readdir(folder)) if (!named.includes(old) && !old.startsWith(TEMPORARY)) await rm(join(folder, old), { force: true });
  }

  /** Undefined where it is not there. */
  async readPicture(hash: string): Promise<Uint8Array | undefined> {
    return readFile(join(this.#folder, PICTURES, hash)).catch(() => undefined);
  }

  async read(stream: number, index: number, extension: Extension): Promise<Uint8Array> {
    return readFile(this.path(stream, index, extension));
  }

  async remove(stream: number, index: number, extension: Extension): Promise<void> {
    await rm(this.path(stream, index, extension), { force: true });
  }

  async removeAll(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  path(stream: number, index: number, extension: Extension): string {
    return join(this.#of(stream), `${index}.${extension}`);
  }

  #of(stream: number): string {
    return join(this.#folder, String(stream));
  }
}

async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, TEMPORARY + randomBytes(8).toString('hex'));
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
