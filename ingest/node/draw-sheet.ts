/**
 * ffmpeg drawing small pictures of a film's chunks into one sheet. Of chunks packaged here it is shown the first fragments
 * in a row, one keyframe each: a second of decoding for a film of two hours. Segments of others may hold any number of
 * keyframes, so each is decoded by itself, up to its first picture.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import type { Writable } from 'node:stream';
import { boxes, viewOf, whole } from '../boxes.ts';
import type { SheetLayout } from '../sheet-layout.ts';

export interface SheetJob {
  readonly layout: SheetLayout;
  /** Media header; empty where chunks need none. */
  readonly init: Uint8Array;
  /** Container of the chunks. */
  readonly format: 'mp4' | 'mpegts';
  /** Whether every chunk begins with a fragment that holds one keyframe and nothing after it. */
  readonly hasSmallFragments: boolean;
  /** A chunk, or as much of its beginning as has a picture; undefined where it cannot be had now. */
  readonly read: (chunk: number) => Promise<Uint8Array | undefined>;
  readonly ffmpeg: string;
  readonly signal: AbortSignal;
}

const JPEG = ['-frames:v', '1', '-q:v', '5', '-pix_fmt', 'yuvj420p', '-threads', '1', '-f', 'mjpeg', 'pipe:1'];

/** A JPEG; undefined where nothing can be decoded, because pictures are nothing to stop a film for. */
export async function drawSheet(job: SheetJob): Promise<Uint8Array | undefined> {
  return job.hasSmallFragments ? drawInOneGo(job) : drawOneByOne(job);
}

const decoding = ({ format }: SheetJob): string[] => ['-threads', '1', '-skip_frame', 'nokey', '-f', format, '-i', 'pipe:0', '-an'];
const scaling = ({ width, height }: SheetLayout): string => `scale=${width}:${height},setsar=1`;
const tiling = ({ columns, rows }: SheetLayout): string => `tile=${columns}x${rows}`;

async function drawInOneGo(job: SheetJob): Promise<Uint8Array | undefined> {
  const { layout, init, read } = job;
  return run(job, [...decoding(job), '-fps_mode', 'passthrough', '-vf', `${scaling(layout)},${tiling(layout)}`, ...JPEG], async (give) => {
    await give(init);
    for (const chunk of layout.chunks) {
      const bytes = await read(chunk);
      if (!bytes || !(await give(firstFragment(bytes)))) return;
    }
  });
}

async function drawOneByOne(job: SheetJob): Promise<Uint8Array | undefined> {
  const { layout, init, read, signal } = job;
  const { width, height } = layout;
  const rawBytes = (width * height * 3) / 2;
  const pictures: Uint8Array[] = [];
  let decoded = 0;
  for (const chunk of layout.chunks) {
    if (signal.aborted) return undefined;
    const bytes = await read(chunk);
    const picture = bytes && (await run(job, [...decoding(job), '-vf', scaling(layout), '-frames:v', '1', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'], async (give) => {
      if (await give(init)) await give(bytes);
    }));
    const isDecoded = picture?.length === rawBytes;
    if (isDecoded) decoded++;
    // A gap shows what was shown before it.
    pictures.push(isDecoded ? picture : (pictures.at(-1) ?? black(width, height)));
  }
  if (decoded === 0) return undefined;
  return run(job, ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${width}x${height}`, '-i', 'pipe:0', '-vf', tiling(layout), ...JPEG], async (give) => {
    for (const picture of pictures) if (!(await give(picture))) return;
  });
}

/** Of limited range, as films have it (ITU-R BT.709). */
const [BLACK_LUMA, GREY_CHROMA] = [16, 128];

const black = (width: number, height: number): Uint8Array => new Uint8Array((width * height * 3) / 2).fill(BLACK_LUMA, 0, width * height).fill(GREY_CHROMA, width * height);

/** Runs ffmpeg on what `feed` gives it, each time until it has room for more; false says that it has seen enough. */
async function run({ ffmpeg, signal }: SheetJob, args: readonly string[], feed: (give: (bytes: Uint8Array) => Promise<boolean>) => Promise<void>): Promise<Uint8Array | undefined> {
  const child = spawn(ffmpeg, ['-hide_banner', '-nostdin', '-loglevel', 'quiet', ...args], { stdio: ['pipe', 'pipe', 'ignore'], signal });
  const [input, output]: [Writable, typeof child.stdout] = [child.stdin, child.stdout];
  const closed = once(child, 'close').catch(() => [null]);
  // ffmpeg may have gone before all was written: its exit code says so.
  input.on('error', () => undefined);
  if (child.pid !== undefined) lowerPriority(child.pid);
  const parts: Buffer[] = [];
  output.on('data', (part: Buffer) => void parts.push(part));
  try {
    await feed(async (bytes) => {
      if (child.exitCode !== null || signal.aborted || input.destroyed) return false;
      if (!input.write(bytes)) await Promise.race([once(input, 'drain').catch(() => undefined), closed]);
      return true;
    });
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

function firstFragment(bytes: Uint8Array): Uint8Array {
  for (const { type, end } of boxes(viewOf(bytes), whole(bytes))) if (type === 'mdat') return bytes.subarray(0, end);
  return bytes;
}
