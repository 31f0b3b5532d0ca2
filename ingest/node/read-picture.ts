/** Reads a poster: whether it is a picture that browsers show is told by its first bytes, never by its name. */
import { open } from 'node:fs/promises';
import { MAX_PICTURE_BYTES } from '#protocol/limits';
import type { Picture } from '#protocol/pictures';
import { IngestError, systemCode } from '../ingest-error.ts';
import { sha256 } from './sha256.ts';

/** A picture and what a description says of it. */
export interface PictureFile {
  readonly facts: Picture;
  readonly bytes: Uint8Array;
}

/** @throws IngestError where there is no picture, or one that is too large. */
export async function readPicture(path: string): Promise<PictureFile> {
  const bytes = await readBounded(path);
  if (bytes.length > MAX_PICTURE_BYTES) throw new IngestError('notMedia', `${path} is larger than ${MAX_PICTURE_BYTES / 2 ** 20} MiB, the most that a poster may have.`);
  const type = typeOf(bytes);
  if (!type) throw new IngestError('notMedia', `${path} is no picture that can be a poster: JPEG, PNG, WebP or AVIF is needed.`);
  return pictureFile(type, bytes);
}

export const pictureFile = (type: Picture['type'], bytes: Uint8Array): PictureFile => ({
  facts: { type, bytes: bytes.length, hash: Buffer.from(sha256(bytes)).toString('hex') },
  bytes,
});

/** One byte more than a poster may have tells that there are too many; nothing needs to be read of the rest. */
async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const bytes = Buffer.alloc(MAX_PICTURE_BYTES + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return Uint8Array.from(bytes.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new IngestError('missing', isMissing ? `There is no picture ${path}.` : `The picture ${path} cannot be opened (${code}).`, error);
  }
}

/** The signatures of the formats' specifications. */
function typeOf(bytes: Uint8Array): Picture['type'] | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp';
  return /^....ftypavi[fs]/s.test(head) ? 'image/avif' : undefined;
}
