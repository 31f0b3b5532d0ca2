/**
 * Small pictures for the seek bar, made by ffmpeg of the first fragment of every so many chunks: one keyframe each, so
 * that a film of two hours costs a second of decoding. They are kept beside the package; where ffmpeg is missing or
 * cannot decode the film, there are none.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { base64ToBytes } from '#protocol/base64';
import { MAX_PICTURE_BYTES } from '#protocol/limits';
import { isThumbnails, type Thumbnails } from '#protocol/pictures';
import { boxes, viewOf, whole } from '../boxes.ts';
import type { PackagedStream } from '../packaged-stream.ts';
import { chunkPath, type MediaPackage } from './media-package.ts';
import { pictureFile, type PictureFile } from './read-picture.ts';

export interface ThumbnailSheet {
  readonly thumbnails: Thumbnails;
  readonly sheet: PictureFile;
}

/** Pictures of one film: one for each hundredth of the seek bar, and a sheet of some 200 kB. */
const MOST = 100;
const COLUMNS = 10;
/** Longer side of a picture, pixels: what media-chrome shows beside the seek bar. */
const SIDE = 160;
/** More of a chunk's beginning than any first fragment of a tenth of a second has, at 50 Mbit/s. */
const FRAGMENT_BYTES = 4 * 1024 * 1024;
const [SHEET, FACTS] = ['thumbnails.jpg', 'thumbnails.json'];

/** Those that were made before, else made now. Undefined where the film has no picture, or none that can be decoded. */
export async function thumbnailsOf(pack: MediaPackage, ffmpeg: string, signal: AbortSignal): Promise<ThumbnailSheet | undefined> {
  const kept = await readKept(pack);
  if (kept) return kept;
  const stream = pack.streams.find(({ facts }) => facts.isProgressive && (facts.kind === 'muxed' || facts.kind === 'video') && facts.width > 0);
  if (!stream || stream.chunks.some(({ origin }) => origin)) return undefined;
  const every = Math.ceil(stream.chunks.length / MOST);
  const count = Math.ceil(stream.chunks.length / every);
  const columns = Math.min(COLUMNS, count);
  const { width, height } = sizeWithin(stream.facts);
  const bytes = await drawSheet({ pack, stream, every, ffmpeg, signal, filter: `scale=${width}:${height},setsar=1,tile=${columns}x${Math.ceil(count / columns)}` });
  if (!bytes || bytes.length === 0 || bytes.length > MAX_PICTURE_BYTES) return undefined;
  const sheet = pictureFile('image/jpeg', bytes);
  const made = { sheet, thumbnails: { sheet: sheet.facts, stream: stream.facts.id, every, columns, width, height } };
  await keep(pack, made);
  return made;
}

interface Drawing {
  readonly pack: MediaPackage;
  readonly stream: PackagedStream;
  readonly every: number;
  readonly ffmpeg: string;
  readonly filter: string;
  readonly signal: AbortSignal;
}

/** A JPEG; undefined where ffmpeg fails, because thumbnails are nothing to stop a film for. */
async function drawSheet({ pack, stream, every, ffmpeg, filter, signal }: Drawing): Promise<Uint8Array | undefined> {
  const child = spawn(ffmpeg, [
    '-hide_banner', '-nostdin', '-loglevel', 'quiet', '-threads', '1', '-skip_frame', 'nokey', '-f', 'mp4', '-i', 'pipe:0', '-an',
    '-fps_mode', 'passthrough', '-vf', filter, '-frames:v', '1', '-q:v', '5', '-pix_fmt', 'yuvj420p', '-threads', '1', '-f', 'mjpeg', 'pipe:1',
  ], { stdio: ['pipe', 'pipe', 'ignore'], signal });
  const [input, output] = [child.stdin, child.stdout];
  const closed = once(child, 'close').catch(() => [null]);
  // ffmpeg may have gone before all was written: its exit code says so.
  input.on('error', () => undefined);
  if (child.pid !== undefined) lowerPriority(child.pid);
  const parts: Buffer[] = [];
  output.on('data', (part: Buffer) => void parts.push(part));
  try {
    input.write(base64ToBytes(stream.facts.init));
    for (let index = 0; index < stream.chunks.length && child.exitCode === null && !signal.aborted; index += every) {
      const hasRoom = input.write(await firstFragment(chunkPath(pack, stream, index)));
      if (!hasRoom) await Promise.race([once(input, 'drain'), closed]);
    }
  } finally {
    input.end();
  }
  const [code] = (await closed) as [number | null];
  return code === 0 ? Uint8Array.from(Buffer.concat(parts)) : undefined;
}

/** Viewers come first. Where it may not be lowered it stays as it is. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // Gone already, or not ours to change.
  }
}

async function firstFragment(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(Math.min(FRAGMENT_BYTES, (await file.stat()).size));
    await file.read(bytes, 0, bytes.length, 0);
    for (const { type, end } of boxes(viewOf(bytes), whole(bytes))) if (type === 'mdat') return bytes.subarray(0, end);
    return bytes;
  } finally {
    await file.close();
  }
}

/** The picture as it is shown, within a square, even numbers of pixels. */
export function sizeWithin({ width, height }: { readonly width: number; readonly height: number }): { width: number; height: number } {
  const scale = SIDE / Math.max(width, height);
  const even = (pixels: number): number => Math.max(2, 2 * Math.round((pixels * scale) / 2));
  return { width: even(width), height: even(height) };
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
