/** The moment after which work may compete with playback: the first frame, a failure, or half a second without either. */
import type { Viewer } from '#browser/viewer-api';

/** Slow starts are waits for the network, during which the page itself should come; quick ones are over by now. */
const PATIENCE_MS = 500;
/** A page whose own script came late is on a machine with too much to do: the picture comes late too, and needs it more. */
const LATE_SCRIPT_MS = 1_000;
const LATE_PATIENCE_MS = 4_000;
/** `HTMLMediaElement.HAVE_CURRENT_DATA`: there is a picture. */
export const HAVE_CURRENT_DATA = 2;

export interface ShownVideo extends EventTarget {
  readonly readyState: number;
}

type After = (ms: number, action: () => void) => () => void;

/**
 * Never rejects.
 * @param scriptMs when the page's script ran, ms since the navigation
 */
export function whenShown(video: ShownVideo, viewer: Pick<Viewer, 'opened' | 'getSnapshot'>, after: After, scriptMs = 0): Promise<void> {
  return new Promise((resolve) => {
    if (video.readyState >= HAVE_CURRENT_DATA) {
      resolve();
      return;
    }
    const cancel = after(scriptMs < LATE_SCRIPT_MS ? PATIENCE_MS : LATE_PATIENCE_MS, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    video.addEventListener('loadeddata', done, { once: true });
    void viewer.opened.then(() => {
      if (viewer.getSnapshot().status === 'failed') done();
    });
  });
}
