/**
 * What a page can put on air live: a camera or a screen, each with sound. Asking opens the browser's own questions, so it
 * must come from a click; a refusal comes back as one sentence.
 */
export type LiveSource = 'camera' | 'screen';

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** What a viewer's line and a phone's encoder manage; the browser takes less where the device has less. */
const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const VOICE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true };

/** Whether this page may capture that at all; null, or the sentence why not. */
export function missingFor(source: LiveSource): string | null {
  if (!globalThis.isSecureContext) return 'Cameras and screens can be shown from pages of https addresses and of this very computer (localhost) alone.';
  if (!('VideoEncoder' in globalThis)) return 'This browser cannot encode video for a broadcast (it has no WebCodecs). Try a current Chrome, Edge or Safari; a film can be hosted all the same.';
  // Not there in every browser, whatever the types say.
  const { mediaDevices } = navigator as { readonly mediaDevices?: object };
  const isThere = mediaDevices !== undefined && (source === 'camera' ? 'getUserMedia' : 'getDisplayMedia') in mediaDevices;
  return isThere ? null : `This browser lets pages see no ${source}.`;
}

/** @throws CaptureError with the sentence a person sees. */
export async function capture(source: LiveSource): Promise<MediaStream> {
  try {
    if (source === 'camera') return await navigator.mediaDevices.getUserMedia({ video: PICTURE, audio: VOICE });
    const screen = await navigator.mediaDevices.getDisplayMedia({ video: PICTURE, audio: true });
    // Most screens come without sound: then the voice of whoever shows it goes along, if it may.
    if (screen.getAudioTracks().length === 0) for (const track of await voice()) screen.addTrack(track);
    return screen;
  } catch (cause) {
    throw new CaptureError(sentenceOf(source, cause), { cause });
  }
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

function sentenceOf(source: LiveSource, cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'NotAllowedError') return `The ${source} was not allowed. Allow it for this page in the browser, then try again.`;
  if (name === 'NotFoundError') return `There is no ${source} here. Connect one, then try again.`;
  if (name === 'NotReadableError') return `The ${source} is in use by another program. Close that one, then try again.`;
  return `The ${source} could not be opened (${cause instanceof Error ? cause.message : 'no reason given'}).`;
}
