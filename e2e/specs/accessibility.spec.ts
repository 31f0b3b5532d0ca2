// Every state of every page, as axe sees it, light and dark, 360 and 1280 pixels wide; and by keyboard.
import { expectAccessible } from '../fixtures/accessibility.ts';
import { DEMO_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';
import { ChannelsPage } from '../pages/channels-page.ts';

test('the list of channels, full, empty and out of reach', async ({ house, openPage }) => {
  const page = await openPage();
  const channels = new ChannelsPage(page);
  await channels.open(house.server.url);
  await expect(channels.cards).toHaveCount(3);
  await expectAccessible(page, 'list');
  await page.route('**/api/channels', (route) => route.abort());
  await expect(channels.status).toContainText('The server cannot be reached.');
  await expectAccessible(page, 'list out of reach');
  await page.unrouteAll();
  await page.route('**/api/channels', (route) => route.fulfill({ json: [] }));
  await expect(page.getByRole('heading', { name: 'No channels yet' })).toBeVisible();
  await expectAccessible(page, 'empty list');
});

test('a watch page: with its notice, playing, with its stats, waiting', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP }, live: { TV: DEMO_CLIP }, consent: 'ask' });
  const url = server.watchUrl(await server.channel('Demo'));
  const other = await watch(url, { query: '?p2p=on' });
  await other.isPlaying();
  const viewer = await watch(url);
  await viewer.isPlaying();
  await expect(viewer.notice).toBeVisible();
  await expectAccessible(viewer.page, 'asked first');
  await viewer.answer('on');
  await viewer.hasNeighbours(1);
  await viewer.stats.open();
  await expect(viewer.stats.peers).toHaveCount(1);
  await expectAccessible(viewer.page, 'with stats');

  const live = await watch(server.watchUrl(await server.channel('TV')), { query: '?p2p=off' });
  await live.isPlaying();
  await expect(live.liveButton).toBeVisible();
  await expectAccessible(live.page, 'live');

  await other.page.close();
  await server.kill();
  await viewer.seekBlindly(58);
  await expect(viewer.status).toContainText('retrying');
  await expectAccessible(viewer.page, 'waiting for the seeder');
});

test('the pages of those who came to the wrong place', async ({ house, watch }) => {
  const unknown = await watch(`${house.server.url}/watch/${'a'.repeat(32)}`);
  await expect(unknown.status).toContainText('There is no such channel');
  await expectAccessible(unknown.page, 'unknown channel');
  const broken = await watch(`${house.server.url}/watch/nonsense`);
  await expect(broken.status).toContainText('does not lead to a channel');
  await expectAccessible(broken.page, 'broken link');
});

test('by keyboard alone: skip link, play and pause, seek, and the switch', async ({ house, watch }) => {
  const viewer = await watch(house.server.watchUrl(house.demo));
  const { keyboard } = viewer.page;
  await viewer.isPlaying();
  await keyboard.press('k');
  await expect.poll(async () => (await viewer.video()).paused).toBe(true);
  const { currentTime } = await viewer.video();
  await keyboard.press('ArrowRight');
  await expect.poll(async () => (await viewer.video()).currentTime).toBeGreaterThan(currentTime + 1);
  await keyboard.press('k');
  await viewer.playsOn(1);
  await viewer.p2pSwitch.getByRole('radio', { name: 'On', exact: true }).focus();
  await keyboard.press('ArrowLeft');
  await viewer.until('download only', ({ mode }) => mode === 'download');
});
