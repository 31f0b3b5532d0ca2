/**
 * A channel's pictures: its poster, and small ones for the seek bar in one sheet. The description names them by their
 * hash, so they are as much the publisher's as everything else it says; their bytes are fetched only when they are shown.
 */
import { MAX_LOG_CHUNKS, MAX_PICTURE_BYTES } from './limits.ts';
import { object, oneOf, text, whole, type Shaped } from './shape.ts';

export const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const;

/** SHA-256 in lower-case hex. */
export const PICTURE_HASH = /^[0-9a-f]{64}$/;

export const isPicture = object({
  type: oneOf(...PICTURE_TYPES),
  bytes: whole(1, MAX_PICTURE_BYTES),
  hash: text(64, PICTURE_HASH),
});
export type Picture = Shaped<typeof isPicture>;

/** A sheet of pictures of one size, row by row: one of every so many chunks, from the first on. */
export const isThumbnails = object({
  sheet: isPicture,
  /** Stream whose chunks are counted. */
  stream: whole(0, 255),
  /** Chunks from one picture to the next. */
  every: whole(1, MAX_LOG_CHUNKS),
  columns: whole(1, 100),
  /** Of one picture, pixels. */
  width: whole(1, 1_000),
  height: whole(1, 1_000),
});
export type Thumbnails = Shaped<typeof isThumbnails>;

/**
 * The sheet as a WebVTT track, as players' seek bars read it: for each stretch of time an address whose fragment names
 * a part of the sheet (Media Fragments URI 1.0, section 4.2.2).
 */
export function writeThumbnailTrack({ every, columns, width, height }: Thumbnails, durationsUs: readonly number[], sheetUrl: string): string {
  const cues: string[] = [];
  let startUs = 0;
  for (let first = 0, at = 0; first < durationsUs.length; first += every, at++) {
    const endUs = durationsUs.slice(first, first + every).reduce((sum, us) => sum + us, startUs);
    const [x, y] = [(at % columns) * width, Math.floor(at / columns) * height];
    cues.push(`${clock(startUs)} --> ${clock(endUs)}\n${sheetUrl}#xywh=${x},${y},${width},${height}`);
    startUs = endUs;
  }
  return `WEBVTT\n\n${cues.join('\n\n')}\n`;
}

/** hh:mm:ss.ttt */
function clock(us: number): string {
  const ms = Math.round(us / 1000);
  const part = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  return `${part(Math.floor(ms / 3_600_000))}:${part(Math.floor(ms / 60_000) % 60)}:${part(Math.floor(ms / 1000) % 60)}.${part(ms % 1000, 3)}`;
}
