/**
 * The `<video>` of a page, with a MediaSource that is opening already where the document's own script has made one
 * (watch.html). Safari's managed sources want more than an address, and are left to hls.js.
 */
import type { OpeningMedia } from '#browser/viewer-api';
import { prepareVideo } from './video-element.ts';

/** Takes over what the document made, once; makes an element where it made none. */
export function takeMedia(window: Window): OpeningMedia {
  const page = window as { tributaryMedia?: unknown };
  const made = page.tributaryMedia;
  delete page.tributaryMedia;
  if (isMedia(made)) return { ...made, video: prepareVideo(made.video) };
  return { video: prepareVideo(window.document.createElement('video')) };
}

const isMedia = (value: unknown): value is { readonly video: HTMLVideoElement; readonly mediaSource: MediaSource } =>
  typeof value === 'object' && value !== null && 'video' in value && 'mediaSource' in value;
