/** Opens a media file of this machine: what can be wrong with the file itself is said here, the rest by openMedia. */
import { FilePathSource } from 'mediabunny';
import { open, stat } from 'node:fs/promises';
import { IngestError, systemCode } from '../ingest-error.ts';
import { openMedia, type MediaFile } from '../media-file.ts';
import type { ByteFile } from '../sample-places.ts';

/** @throws IngestError when there is no such file, when it is no media file, or when browsers cannot play it. */
export async function openMediaFile(path: string): Promise<MediaFile> {
  await requireFile(path);
  return openMedia({ source: new FilePathSource(path, { handleUnhandledError: () => undefined }), file: await byteFile(path) }, path);
}

async function byteFile(path: string): Promise<ByteFile> {
  const file = await open(path);
  // The same memory for every read: fresh memory costs more than what is read into it.
  let room = Buffer.alloc(0);
  return {
    size: (await file.stat()).size,
    async read(offset, length) {
      if (room.length < length) room = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await file.read(room, 0, length, offset);
      return room.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

async function requireFile(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isFile() && found.size === 0) throw new IngestError('notMedia', `${path} is empty.`);
    if (found.isFile()) return;
  } catch (error) {
    if (error instanceof IngestError) throw error;
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new IngestError('missing', `There is no file ${path}.`, error);
    throw new IngestError('missing', `${path} cannot be opened (${code ?? 'unknown reason'}).`, error);
  }
  throw new IngestError('missing', `${path} is not a file.`);
}
