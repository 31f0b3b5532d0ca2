// The /host page itself: what it says, what survives a reload, a copy on the server, and how it looks to axe.
import { launchBrowser } from '../fixtures/browsers.ts';
import { expectAccessible } from '../fixtures/accessibility.ts';
import { DEMO_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';
import { FAKE_CAPTURE, HostPage } from '../pages/host-page.ts';

test('a film with a server copy is listed, and watched when its host is gone', async ({ startServer, openPage, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP } });
  const page = await openPage();
  const host = new HostPage(page);
  await host.open(server.url);
  await host.chooseFilm(DEMO_CLIP);
  await host.keepServerCopy();
  const link = await host.goOnAir();
  await host.until('a whole copy on the server', ({ uploaded, total }) => total !== null && uploaded === total);
  await expect(host.safety).toContainText('Safe to close: the server has a copy of everything.');
  const listed = await server.channels();
  expect(listed.map(({ title }) => title)).toEqual(['Demo', 'demo']);
  const picture = await fetch(server.url + listed[1]!.poster!);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  const track = link.replace('/watch/', '/channels/') + '/thumbnails.vtt';
  await expect.poll(async () => (await fetch(track)).status, { message: 'pictures for the seek bar' }).toBe(200);
  await page.close();
  const viewer = await watch(link);
  await viewer.isPlaying();
  await viewer.showsThumbnails(160 * 10);
  await viewer.seek(50);
  expect((await viewer.engine()).bytes.fromSeeder).toBeGreaterThan(0);
});

test('a film goes on under its link after a reload, where the browser keeps a handle of it', async ({ startServer, openPage, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP } });
  const page = await openPage();
  const host = new HostPage(page);
  await host.open(server.url);
  await host.giveHandles(DEMO_CLIP);
  await page.getByRole('button', { name: 'Choose a film' }).click();
  const link = await host.goOnAir();
  await host.until('all of it packaged', ({ phase }) => phase === 'sharing');
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  expect(await host.goOnAirAgain()).toBe(link);
  const viewer = await watch(link);
  await viewer.isPlaying();
  expect((await viewer.engine()).bytes.fromSeeder).toBe(0);
  await host.end();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Go on air again' })).toHaveCount(0);
});

test('a file that is no film is refused with a sentence', async ({ house, openPage }) => {
  const host = new HostPage(await openPage());
  await host.open(house.server.url);
  await host.chooseFilm(import.meta.filename);
  await host.start();
  await expect(host.headline).toContainText('host-page.spec.ts is not a media file');
});

test('by axe, in every state', async ({ house, openPage }) => {
  const studio = await launchBrowser('chromium', FAKE_CAPTURE);
  try {
    const host = new HostPage(await openPage({ browser: studio }));
    await host.open(house.server.url);
    await expectAccessible(host.page, 'nothing chosen');
    await host.chooseLive('camera');
    await expectAccessible(host.page, 'a camera chosen');
    await host.page.getByRole('button', { name: 'Choose something else' }).click();
    await host.chooseFilm(DEMO_CLIP);
    await expectAccessible(host.page, 'a film chosen');
    await host.goOnAir();
    await host.until('all of it packaged', ({ phase }) => phase === 'sharing');
    await expectAccessible(host.page, 'on air');
    await host.end();
    await expectAccessible(host.page, 'over');
  } finally {
    await studio.close();
  }
});

test('a server that takes no channels says so', async ({ startServer, openPage }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP }, publish: 'off' });
  const host = new HostPage(await openPage());
  await host.open(server.url);
  await host.chooseFilm(DEMO_CLIP);
  await host.start();
  await expect(host.headline).toContainText('This server takes no channels from visitors.');
});
