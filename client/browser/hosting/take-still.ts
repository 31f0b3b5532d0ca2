/** A picture of what is about to be shown, for the list of channels: a tenth into a film, or what a camera sees now. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Clock } from '#engine/ports';
import type { Picture } from '#protocol/pictures';

export interface Still {
  readonly facts: Picture;
  readonly bytes: Uint8Array;
}

/** Cards in the list are at most half as wide on any screen. */
const WIDTH = 640;
const QUALITY = 0.8;
/** Where in a film, as a share of it, and seconds at most: openings are often black. */
const PLACE = 0.1;
const LATEST_S = 60;
/** Nobody waits longer for a picture that is only an ornament. */
const PATIENCE_MS = 3_000;

/** Null where the browser cannot show it: then there is no picture, and that is all. */
export async function takeStill(media: File | MediaStream, clock: Clock): Promise<Still | null> {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, preload: 'auto' });
  const url = media instanceof File ? URL.createObjectURL(media) : null;
  const left = new AbortController();
  const cancel = clock.after(PATIENCE_MS, () => left.abort());
  try {
    if (media instanceof File) {
      video.src = url!;
      await happened(video, 'loadeddata', left.signal);
      video.currentTime = Math.min(video.duration * PLACE, LATEST_S);
      await happened(video, 'seeked', left.signal);
    } else {
      video.srcObject = media;
      void video.play().catch(() => left.abort());
      // The first picture of a stream is black until time has moved.
      await happened(video, 'timeupdate', left.signal);
    }
    return await drawn(video);
  } catch {
    return null; // Not in time, or not in a format of this browser's.
  } finally {
    cancel();
    if (url !== null) URL.revokeObjectURL(url);
    video.removeAttribute('src');
    video.srcObject = null;
  }
}

async function happened(video: HTMLVideoElement, type: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (): void => reject(new Error(`no ${type}`));
    video.addEventListener(type, () => resolve(), { once: true });
    video.addEventListener('error', refuse, { once: true });
    signal.addEventListener('abort', refuse, { once: true });
  });
}

async function drawn(video: HTMLVideoElement): Promise<Still | null> {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0) return null;
  const scale = Math.min(1, WIDTH / videoWidth);
  const canvas = new OffscreenCanvas(Math.round(videoWidth * scale), Math.round(videoHeight * scale));
  canvas.getContext('2d')!.drawImage(video, 0, 0, canvas.width, canvas.height);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })).arrayBuffer());
  return stillOf(bytes);
}

/** A JPEG as a channel's description names it. */
export function stillOf(bytes: Uint8Array): Still {
  const hash = Array.from(sha256(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { facts: { type: 'image/jpeg', bytes: bytes.length, hash }, bytes };
}
