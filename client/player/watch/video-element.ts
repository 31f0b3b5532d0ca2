/**
 * The one `<video>` of a page, made before anything is drawn so that media can flow into it at once; the player takes
 * it in when React has caught up. Playback starts by itself, muted where the browser allows it no other way.
 */
import type { Store } from '../viewer-port.ts';

export interface PageVideo extends Store<{ readonly isMutedByBrowser: boolean }> {
  readonly element: HTMLVideoElement;
  /** Sound on, in answer to a person's click: only then do browsers allow it. */
  unmute(): void;
}

const isRefusal = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotAllowedError';

export function createPageVideo(page: Document): PageVideo {
  const element = page.createElement('video');
  element.slot = 'media';
  element.playsInline = true;
  element.preload = 'auto';
  element.dataset.testid = 'video';

  let state = { isMutedByBrowser: false };
  const listeners = new Set<() => void>();
  const become = (isMutedByBrowser: boolean): void => {
    if (state.isMutedByBrowser === isMutedByBrowser) return;
    state = { isMutedByBrowser };
    for (const listener of listeners) listener();
  };

  const play = (): Promise<void> => element.play();
  const playMuted = (error: unknown): void => {
    // Anything but a refusal (a load that replaced this one, say) is settled by what comes next.
    if (!isRefusal(error)) return;
    element.muted = true;
    play().then(() => become(element.muted), () => become(false));
  };
  element.addEventListener('loadedmetadata', () => void play().catch(playMuted), { once: true });
  element.addEventListener('volumechange', () => {
    if (!element.muted) become(false);
  });

  return {
    element,
    getSnapshot: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    unmute() {
      element.muted = false;
      if (element.volume === 0) element.volume = 1;
      become(false);
    },
  };
}
