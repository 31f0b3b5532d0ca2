// Camera and screen on air from a page, seen by others a few seconds later; figures over minutes are a bench run.
import type { Browser } from '@playwright/test';
import { launchBrowser } from '../fixtures/browsers.ts';
import { DEMO_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';
import { FAKE_CAPTURE, HostPage } from '../pages/host-page.ts';

/** A browser with a camera and a screen of its own. */
async function inStudio(use: (studio: Browser) => Promise<void>): Promise<void> {
  const studio = await launchBrowser('chromium', FAKE_CAPTURE);
  try {
    await use(studio);
  } finally {
    await studio.close();
  }
}

test('a camera to two other screens, and a farewell in good order', async ({ startServer, openPage, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP } });
  await inStudio(async (studio) => {
    const host = new HostPage(await openPage({ browser: studio }));
    await host.open(server.url);
    await host.chooseLive('camera');
    const link = await host.goOnAir();
    const viewers = [await watch(link), await watch(link)];
    for (const viewer of viewers) await viewer.isPlaying();
    for (const viewer of viewers) await viewer.isLive();
    await host.until('two viewers', (snapshot) => snapshot.viewers === 2);
    for (const viewer of viewers) await viewer.playsOn(10);
    for (const viewer of viewers) await viewer.isLive();
    const fromPeers = await Promise.all(viewers.map(async (viewer) => (await viewer.engine()).bytes.fromPeers));
    expect(fromPeers.every((bytes) => bytes > 0)).toBe(true);
    await host.end();
    await expect(host.headline).toContainText('This channel is over.');
    for (const viewer of viewers) await expect(viewer.status).toContainText('The host has ended this channel.');
  });
});

test('a screen whose page is loaded anew: viewers are told that the host is away, and go on by themselves', async ({ startServer, openPage, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP } });
  await inStudio(async (studio) => {
    const host = new HostPage(await openPage({ browser: studio }));
    await host.open(server.url);
    await host.chooseLive('screen');
    await host.chooseDelay('Calm');
    const link = await host.goOnAir();
    const viewer = await watch(link);
    await viewer.isPlaying();
    await viewer.isLive();
    host.page.on('dialog', (dialog) => void dialog.accept());
    await host.page.reload();
    await expect(viewer.status).toContainText('The host is away.');
    const stoodAt = (await viewer.video()).currentTime;
    const backMs = Date.now();
    const [again] = await Promise.all([host.goOnAirAgain(), viewer.reaches(stoodAt + 0.1)]);
    // Told, not demanded: it depends on the machine.
    test.info().annotations.push({ type: 'seconds from the click that brings the host back to a moving picture', description: ((Date.now() - backMs) / 1000).toFixed(1) });
    expect(again).toBe(link);
    await expect(viewer.status).toBeEmpty();
    await viewer.isLive();
    await viewer.playsOn(5);
  });
});
