/**
 * A second opinion on smooth playback, taken at the video element by the test itself: every time the picture stopped
 * because the buffer ran dry. A stop with media still buffered is a slow decoder, which is the machine's affair.
 */
import type { BrowserContext, Page } from '@playwright/test';

export interface Starvation {
  /** Playhead in seconds, and what was buffered beyond it. */
  readonly at: number;
  readonly ahead: number;
}

declare global {
  interface Window {
    starvations?: Starvation[];
  }
}

function watchPlayback(): void {
  const found: Starvation[] = (window.starvations = []);
  const started = new WeakSet<HTMLVideoElement>();
  const sought = new WeakSet<HTMLVideoElement>();
  const on = (type: string, run: (video: HTMLVideoElement) => void): void =>
    document.addEventListener(type, ({ target }) => { if (target instanceof HTMLVideoElement) run(target); }, true);
  const aheadOf = ({ buffered, currentTime }: HTMLVideoElement): number => {
    for (let range = 0; range < buffered.length; range++) {
      if (buffered.start(range) <= currentTime + 0.1 && currentTime < buffered.end(range)) return buffered.end(range) - currentTime;
    }
    return 0;
  };
  on('playing', (video) => { started.add(video); sought.delete(video); });
  on('seeking', (video) => sought.add(video));
  on('waiting', (video) => {
    const isExpected = !started.has(video) || sought.has(video) || video.seeking || video.ended || video.currentTime > video.duration - 0.5;
    const ahead = aheadOf(video);
    if (!isExpected && ahead < 0.3) found.push({ at: video.currentTime, ahead });
  });
}

/** Every page of the context is watched from its first script on. */
export async function installPlaybackProbe(context: BrowserContext): Promise<void> {
  await context.addInitScript(watchPlayback);
}

export async function starvations(page: Page): Promise<Starvation[]> {
  return page.evaluate(() => window.starvations ?? []);
}
