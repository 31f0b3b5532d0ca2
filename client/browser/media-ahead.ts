/** How much a video element can play from where it is, and whether that is enough for what somebody waits to do. */

/** Media that is buffered to its end may end this much before its duration, seconds: streams are not cut at the same moment. */
const END_S = 0.2;

/** A step this small over a seam is no gap, seconds. */
const SEAM_S = 0.1;

/** Playable media ahead of the playhead, seconds. */
export function aheadSeconds({ buffered, currentTime }: Pick<HTMLVideoElement, 'buffered' | 'currentTime'>): number {
  for (let range = 0; range < buffered.length; range++) {
    if (buffered.start(range) <= currentTime + SEAM_S && currentTime < buffered.end(range)) return buffered.end(range) - currentTime;
  }
  return 0;
}

/** Whether `seconds` are ahead, or all that there is. */
export function isAheadBy(video: Pick<HTMLVideoElement, 'buffered' | 'currentTime' | 'duration'>, seconds: number): boolean {
  const ahead = aheadSeconds(video);
  return ahead >= seconds || video.currentTime + ahead >= video.duration - END_S;
}
