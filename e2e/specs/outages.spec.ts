// The server goes away, as a whole and in parts: whoever watches keeps watching, and what cannot go on says why.
import { DEMO_CLIP, LONG_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';
import { ChannelsPage } from '../pages/channels-page.ts';

const NOBODY_HAS_IT = 'The server cannot be reached and no viewer has this part; retrying.';

test('the seeder is killed: the swarm feeds its viewers with all that it holds', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: LONG_CLIP } });
  const url = server.watchUrl(await server.channel('Film'));
  const holder = await watch(url);
  await holder.isPlaying();
  await holder.seek(100);
  await holder.until('the film from 100 to 126 s', ({ timeline }) => timeline.filter(({ index, state }) => index >= 50 && index < 63 && state === 'held').length === 13);
  const taker = await watch(url);
  await taker.isPlaying();
  await taker.hasNeighbours(1);

  await server.kill();
  const before = await taker.engine();
  await taker.seek(104);
  await taker.playsOn(5);
  const { bytes } = await taker.engine();
  expect(bytes.fromPeers).toBeGreaterThan(before.bytes.fromPeers);
  expect(bytes.fromSeeder).toBe(before.bytes.fromSeeder);
  await expect(taker.status).toBeEmpty();
  expect([...(await holder.starvations()), ...(await taker.starvations())]).toEqual([]);
});

test('nobody holds the rest: a clear sentence, and playback goes on by itself when the seeder is back', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: LONG_CLIP } });
  const viewer = await watch(server.watchUrl(await server.channel('Film')));
  await viewer.isPlaying();
  await server.kill();
  await viewer.seekBlindly(180);
  await expect(viewer.status).toContainText(NOBODY_HAS_IT);
  expect((await viewer.engine()).seeder).toBe('failing');

  await server.restart();
  await viewer.reaches(182);
  await expect(viewer.status).toBeEmpty();
  expect((await viewer.engine()).seeder).toBe('ok');
});

test('tracker and seeder are killed and restarted under viewers: nobody notices, and the swarm takes newcomers again', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Film: LONG_CLIP } });
  const url = server.watchUrl(await server.channel('Film'));
  const viewers = [await watch(url), await watch(url)];
  for (const viewer of viewers) await viewer.isPlaying();
  for (const viewer of viewers) await viewer.hasNeighbours(1);
  // What is ahead is what a restart may take.
  for (const viewer of viewers) await viewer.until('ten seconds ahead', ({ aheadUs }) => aheadUs > 10e6);

  await server.kill();
  for (const viewer of viewers) await viewer.until('the loss of the tracker', ({ swarm }) => swarm === 'trackerLost');
  for (const viewer of viewers) await viewer.hasNeighbours(1);
  await server.restart();
  for (const viewer of viewers) await viewer.until('the tracker again', ({ swarm }) => swarm === 'joined', 60_000);

  const newcomer = await watch(url);
  await newcomer.isPlaying();
  await newcomer.hasNeighbours(2);
  await newcomer.until('bytes from peers', ({ bytes }) => bytes.fromPeers > 0);
  for (const viewer of viewers) {
    await viewer.playsOn(2);
    await expect(viewer.status).toBeEmpty();
    expect(await viewer.starvations()).toEqual([]);
  }
});

test('the list of channels outlives its server, says so, and comes back by itself', async ({ startServer, openPage }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP } });
  const channels = new ChannelsPage(await openPage());
  await channels.open(server.url);
  await expect(channels.cards).toHaveCount(1);
  await server.kill();
  await expect(channels.status).toContainText('The server cannot be reached. This list may be out of date');
  await expect(channels.cards).toHaveCount(1);
  await server.restart();
  await expect(channels.status).toBeEmpty();
});

test('a channel that does not exist, and a link that cannot be one, each get one clear sentence', async ({ house, watch }) => {
  const lost = await watch(`${house.server.url}/watch/${'a'.repeat(32)}`);
  await expect(lost.status).toContainText('There is no such channel on this server.');
  await expect(lost.page.getByRole('link', { name: 'See the channels' })).toBeVisible();

  const broken = await watch(`${house.server.url}/watch/${house.demo.id.slice(0, 20)}`);
  await expect(broken.status).toContainText('This link does not lead to a channel.');
  await broken.page.getByRole('link', { name: 'See the channels' }).click();
  await expect(new ChannelsPage(broken.page).heading).toBeVisible();
});

test('a page whose server is out of reach says so, and plays when it answers', async ({ house, openPage, watchOn }) => {
  const page = await openPage();
  const url = house.server.watchUrl(house.demo);
  // The page itself has come, without what the server writes into it; the server's answers have not.
  await page.route(url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/<script[^>]*tributary-boot[\s\S]*?<\/script>/, '') });
  });
  await page.route('**/description', (route) => route.abort());
  const viewer = await watchOn(page, url);
  await expect(viewer.status).toContainText('The server cannot be reached.');
  await page.unrouteAll();
  await viewer.isPlaying();
});

test('controls that the server could not send come when it can, and the picture plays meanwhile', async ({ house, openPage, watchOn }) => {
  const page = await openPage();
  await page.route('**/assets/media-*', (route) => route.abort());
  const refused = page.waitForEvent('requestfailed', { predicate: (request) => request.url().includes('/assets/media-') });
  const viewer = await watchOn(page, house.server.watchUrl(house.film));
  await viewer.isPlaying();
  await refused;
  await viewer.playsOn(1);
  await page.unrouteAll();
  await expect(page.locator('media-play-button:defined')).toBeVisible();
});
