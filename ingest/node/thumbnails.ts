/**
 * Small pictures for the seek bar of what is packaged: of a film's own chunks, of the segments of an HLS folder, and of
 * those that stay with an origin. They are kept beside the package; where ffmpeg is missing, cannot decode the film, or
 * the film is encrypted, there are none.
 */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { base64ToBytes } from '#protocol/base64';
import { MAX_PICTURE_BYTES } from '#protocol/limits';
import { isThumbnails, type Thumbnails } from '#protocol/pictures';
import type { PackagedStream } from '../packaged-stream.ts';
import { layOutSheet } from '../sheet-layout.ts';
import { drawSheet } from './draw-sheet.ts';
import { chunkPath, type MediaPackage } from './media-package.ts';
import { pictureFile, type PictureFile } from './read-picture.ts';

export interface ThumbnailSheet {
  readonly thumbnails: Thumbnails;
  readonly sheet: PictureFile;
}

export interface ThumbnailJob {
  readonly pack: MediaPackage;
  /** Reads a whole chunk that stayed with its origin; undefined where it cannot be had. */
  readonly readRemote: (stream: number, chunk: number) => Promise<Uint8Array | undefined>;
  readonly ffmpeg: string;
  readonly signal: AbortSignal;
}

/** More of a chunk's beginning than any first picture has. */
const BEGINNING_BYTES = 4 * 1024 * 1024;
const [SHEET, FACTS] = ['thumbnails.jpg', 'thumbnails.json'];

/** Those that were made before, else made now. Undefined where the film has no picture, or none that can be decoded. */
export async function thumbnailsOf({ pack, readRemote, ffmpeg, signal }: ThumbnailJob): Promise<ThumbnailSheet | undefined> {
  const kept = await readKept(pack);
  if (kept) return kept;
  const stream = smallestPicture(pack);
  if (!stream) return undefined;
  const { facts, chunks } = stream;
  const layout = layOutSheet(facts, chunks.length);
  const bytes = await drawSheet({
    layout, ffmpeg, signal,
    init: base64ToBytes(facts.init),
    format: facts.extension === 'ts' ? 'mpegts' : 'mp4',
    hasSmallFragments: facts.isProgressive === true,
    read: async (chunk) => (chunks[chunk]?.origin ? readRemote(facts.id, chunk) : beginningOf(chunkPath(pack, stream, chunk))),
  });
  if (!bytes || bytes.length === 0 || bytes.length > MAX_PICTURE_BYTES || signal.aborted) return undefined;
  const sheet = pictureFile('image/jpeg', bytes);
  const { every, columns, width, height } = layout;
  const made = { sheet, thumbnails: { sheet: sheet.facts, stream: facts.id, every, columns, width, height } };
  await keep(pack, made);
  return made;
}

/** The least to read and to decode is enough for pictures of this size. */
function smallestPicture({ streams }: MediaPackage): PackagedStream | undefined {
  const pictures = streams.filter(({ facts: { kind, width, keys } }) => (kind === 'muxed' || kind === 'video') && width > 0 && keys === undefined);
  return pictures.reduce<PackagedStream | undefined>((least, stream) => (least === undefined || stream.facts.averageBandwidth < least.facts.averageBandwidth ? stream : least), undefined);
}

async function beginningOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(Math.min(BEGINNING_BYTES, (await file.stat()).size));
    await file.read(bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

async function readKept({ folder }: MediaPackage): Promise<ThumbnailSheet | undefined> {
  try {
    const thumbnails: unknown = JSON.parse(await readFile(join(folder, FACTS), 'utf8'));
    if (!isThumbnails(thumbnails)) return undefined;
    const sheet = pictureFile('image/jpeg', Uint8Array.from(await readFile(join(folder, SHEET))));
    return sheet.facts.hash === thumbnails.sheet.hash ? { thumbnails, sheet } : undefined;
  } catch {
    return undefined; // Not made yet, or removed by hand.
  }
}

/** The facts appear by a rename when the sheet is there; their hash tells whether it is whole. */
async function keep({ folder }: MediaPackage, { sheet, thumbnails }: ThumbnailSheet): Promise<void> {
  const temporary = join(folder, `${FACTS}.${process.pid}.tmp`);
  await writeFile(join(folder, SHEET), sheet.bytes);
  await writeFile(temporary, JSON.stringify(thumbnails));
  await rename(temporary, join(folder, FACTS));
}
