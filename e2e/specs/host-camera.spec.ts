// A camera on air from a page: Chromium's own test camera and microphone, through the real encoders, to other pages.
import type { Page } from '@playwright/test';
import { launchBrowser } from '../fixtures/browsers.ts';
import { expect, test } from '../fixtures/test.ts';
import { FAKE_CAPTURE, HostPage } from '../pages/host-page.ts';

/** By how many chunks the broadcast grew each time that it did, until it has grown by `chunks`. */
const growth = async (page: Page, chunks: number): Promise<number[]> =>
  page.evaluate(
    async (wanted) =>
      new Promise<number[]>((resolve) => {
        const steps: number[] = [];
        const made = (): number => window.tributaryHost!()!.made;
        let before = made();
        const until = before + wanted;
        const look = setInterval(() => {
          const now = made();
          if (now > before) steps.push(now - before);
          before = now;
          if (now < until) return;
          clearInterval(look);
          resolve(steps);
        }, 50);
      }),
    chunks,
  );

test('a camera with sound is seen a few seconds later, chunk by chunk as they are made', async ({ house, openPage, watch }) => {
  const studio = await launchBrowser('chromium', FAKE_CAPTURE);
  try {
    const host = new HostPage(await openPage({ browser: studio }));
    await host.open(house.server.url);
    await host.chooseLive('camera');
    const viewer = await watch(await host.goOnAir());
    await viewer.isPlaying();
    // Whatever collects media on the way (a resampler, an encoder that looks ahead) would let several go at a time.
    expect(Math.max(...(await growth(host.page, 8)))).toBeLessThanOrEqual(2);
    await viewer.playsOn(6);
    await viewer.isLive();
    const hasSound = await viewer.page.evaluate(() => (document.querySelector('video') as HTMLVideoElement & { webkitAudioDecodedByteCount?: number }).webkitAudioDecodedByteCount);
    if (hasSound !== undefined) expect(hasSound).toBeGreaterThan(0);
    expect(await viewer.starvations()).toEqual([]);
  } finally {
    await studio.close();
  }
});
