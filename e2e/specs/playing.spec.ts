// Watching, alone and together, when nothing is wrong.
import { ChannelsPage } from '../pages/channels-page.ts';
import { DEMO, expect, FILM, test, TV } from '../fixtures/test.ts';

test('the first page lists the channels, and one of them plays after a click', async ({ house, openPage, watch }) => {
  const page = await openPage();
  const channels = new ChannelsPage(page);
  await channels.open(house.server.url);
  await expect(channels.cards).toHaveCount(3);
  await expect(channels.card(TV)).toContainText('Live');
  await expect(channels.card(DEMO)).toContainText('Nobody watching yet');

  const viewer = await watch(house.server.watchUrl(house.demo));
  await viewer.isPlaying();
  await expect(channels.card(DEMO)).toContainText('1 viewer now');

  await channels.choose(FILM);
  await expect(page).toHaveURL(house.server.watchUrl(house.film));
});

test('a viewer alone plays at once, from the seeder, without a stall', { tag: '@everywhere' }, async ({ house, watch }) => {
  const viewer = await watch(house.server.watchUrl(house.demo));
  await viewer.isPlaying();
  await expect(viewer.title).toHaveText(DEMO);
  await viewer.playsOn(6);
  const { bytes, swarm, neighbours } = await viewer.engine();
  expect(bytes.fromSeeder).toBeGreaterThan(0);
  expect(bytes.fromPeers).toBe(0);
  expect({ swarm, neighbours }).toEqual({ swarm: 'joined', neighbours: [] });
  await expect(viewer.shareChip).toHaveText('No other viewer yet');
  await expect(viewer.status).toBeEmpty();
  expect(await viewer.starvations()).toEqual([]);
});

test('two viewers exchange: the second takes most of its bytes from the first, and both play on', { tag: '@everywhere' }, async ({ house, watch }) => {
  const url = house.server.watchUrl(house.demo);
  const first = await watch(url);
  await first.isPlaying();
  const second = await watch(url);
  await second.isPlaying();
  await second.hasNeighbours(1);
  await second.until('most bytes from peers', ({ offloadRatio }) => (offloadRatio ?? 0) > 0.5);
  await second.playsOn(4);
  const [served, taken] = [await first.engine(), await second.engine()];
  expect(served.bytes.toPeers).toBeGreaterThan(0);
  expect(taken.bytes.fromPeers).toBeGreaterThan(taken.bytes.fromSeeder);
  await expect(second.shareChip).toHaveText(/%\sfrom\s1\sviewer/);

  await second.stats.open();
  await expect(second.stats.peers).toHaveCount(1);
  await expect(second.stats.figure('In the swarm')).toHaveText('2');
  await expect(second.stats.timeline).toBeVisible();
  expect([...(await first.starvations()), ...(await second.starvations())]).toEqual([]);
});

test('far ahead and back again: every seek plays on, alone and beside another viewer', async ({ house, watch }) => {
  const url = house.server.watchUrl(house.film);
  const alone = await watch(url);
  await alone.isPlaying();
  for (const place of [200, 3, 120]) {
    await alone.seek(place);
    await alone.playsOn(2);
  }

  const beside = await watch(url);
  await beside.isPlaying();
  await beside.hasNeighbours(1);
  const before = (await beside.engine()).bytes.fromPeers;
  await beside.seek(122);
  await beside.playsOn(2);
  await beside.until('more bytes from peers than before the seek', ({ bytes }) => bytes.fromPeers > before);
  await beside.seek(1);
  await beside.playsOn(2);
  expect((await beside.video()).error).toBeNull();
  expect([...(await alone.starvations()), ...(await beside.starvations())]).toEqual([]);
});
