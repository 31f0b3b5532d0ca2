/**
 * The one `<video>` of a page, there before anything is drawn so that media can flow into it at once; the player takes
 * it in when React has caught up.
 */
export function prepareVideo(video: HTMLVideoElement): HTMLVideoElement {
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
