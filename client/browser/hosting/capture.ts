/**
 * What a page can put on air live: a camera or a screen, each with sound, or a screen with the camera in its corner. Asking
 * opens the browser's own questions, so it must come from a click; a refusal comes back as one sentence.
 */
import { missingForLive } from './live-source.ts';

export type LiveKind = 'camera' | 'screen' | 'both';

export interface Captured {
  /** The picture, and all sound there is. */
  readonly stream: MediaStream;
  /** A second picture for a corner of the first. */
  readonly inset: MediaStream | null;
}

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** What a viewer's line and a phone's encoder manage; the browser takes less where the device has less. */
const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
/** In a corner a camera needs no more. */
const INSET: MediaTrackConstraints = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 30, max: 30 } };
const VOICE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true };

/** Whether this page may capture that at all; null, or the sentence why not. */
export function missingFor(kind: LiveKind): string | null {
  if (!globalThis.isSecureContext) return 'Cameras and screens can be shown from pages of https addresses and of this very computer (localhost) alone.';
  // Not there in every browser, whatever the types say.
  const { mediaDevices } = navigator as { readonly mediaDevices?: object };
  for (const source of kind === 'both' ? (['screen', 'camera'] as const) : [kind]) {
    const isThere = mediaDevices !== undefined && (source === 'camera' ? 'getUserMedia' : 'getDisplayMedia') in mediaDevices;
    if (!isThere) return `This browser lets pages see no ${source}.`;
  }
  return missingForLive(kind === 'both');
}

/** @throws CaptureError with the sentence a person sees. */
export async function capture(kind: LiveKind): Promise<Captured> {
  if (kind === 'camera') return { stream: await camera(), inset: null };
  const stream = await screen();
  if (kind === 'screen') {
    // Most screens come without sound: then the voice of whoever shows it goes along, if it may.
    if (stream.getAudioTracks().length === 0) for (const track of await voice()) stream.addTrack(track);
    return { stream, inset: null };
  }
  try {
    const face = await camera(INSET);
    for (const track of face.getAudioTracks()) {
      face.removeTrack(track);
      stream.addTrack(track);
    }
    return { stream, inset: face };
  } catch (error) {
    release(stream);
    throw error;
  }
}

async function camera(picture: MediaTrackConstraints = PICTURE): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: picture, audio: VOICE }).catch((cause: unknown) => {
    throw new CaptureError(sentenceOf('camera', cause), { cause });
  });
}

async function screen(): Promise<MediaStream> {
  return navigator.mediaDevices.getDisplayMedia({ video: PICTURE, audio: true }).catch((cause: unknown) => {
    throw new CaptureError(sentenceOf('screen', cause), { cause });
  });
}

/** Ends all tracks: lamps go out. */
export function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function voice(): Promise<MediaStreamTrack[]> {
  try {
    return (await navigator.mediaDevices.getUserMedia({ audio: VOICE })).getTracks();
  } catch {
    return []; // A screen without sound is a broadcast all the same.
  }
}

function sentenceOf(source: 'camera' | 'screen', cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'NotAllowedError') return `The ${source} was not allowed. Allow it for this page in the browser, then try again.`;
  if (name === 'NotFoundError') return `There is no ${source} here. Connect one, then try again.`;
  if (name === 'NotReadableError') return `The ${source} is in use by another program. Close that one, then try again.`;
  return `The ${source} could not be opened (${cause instanceof Error ? cause.message : 'no reason given'}).`;
}
