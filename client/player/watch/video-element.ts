/**
 * The one `<video>` of a page, made before anything is drawn so that media can flow into it at once; the player takes
 * it in when React has caught up.
 */
export function createVideo(page: Document): HTMLVideoElement {
  const video = page.createElement('video');
  // Where media-chrome looks for it.
  video.slot = 'media';
  video.playsInline = true;
  video.preload = 'auto';
  video.dataset.testid = 'video';
  return video;
}

/** Sound on, in answer to a person's click: only then do browsers allow it. */
export function unmute(video: HTMLVideoElement): void {
  video.muted = false;
  if (video.volume === 0) video.volume = 1;
}
