/** The moment from which playback outlasts a main thread that is taken for a while. */
import { isAheadBy } from '#browser/media-ahead';
import { HAVE_CURRENT_DATA } from './when-shown.ts';

/** Pause between two looks. */
const LOOK_MS = 50;

export interface AheadOptions {
  /** Media ahead of the playhead to wait for; what is buffered to its end is enough as well. */
  readonly seconds: number;
  /** Resolves after this long all the same. */
  readonly atMostMs: number;
  readonly after: (ms: number, action: () => void) => unknown;
}

/** At once where nothing plays, for want of a picture or of permission: then the page is wanted more. Never rejects. */
export function whenAhead(video: HTMLVideoElement, { seconds, atMostMs, after }: AheadOptions): Promise<void> {
  return new Promise((resolve) => {
    const look = (waitedMs: number): void => {
      const isPlaying = video.readyState >= HAVE_CURRENT_DATA && !video.paused;
      if (!isPlaying || isAheadBy(video, seconds) || waitedMs >= atMostMs) resolve();
      else after(LOOK_MS, () => look(waitedMs + LOOK_MS));
    };
    look(0);
  });
}
