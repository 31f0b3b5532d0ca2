/** Opens a media file of this machine: what can be wrong with the file itself is said here, the rest by openMedia. */
import { FilePathSource } from 'mediabunny';
import { stat } from 'node:fs/promises';
import { IngestError, systemCode } from '../ingest-error.ts';
import { openMedia, type MediaFile } from '../media-file.ts';

/** @throws IngestError when there is no such file, when it is no media file, or when browsers cannot play it. */
export async function openMediaFile(path: string): Promise<MediaFile> {
  await requireFile(path);
  return openMedia(new FilePathSource(path, { handleUnhandledError: () => undefined }), path);
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
