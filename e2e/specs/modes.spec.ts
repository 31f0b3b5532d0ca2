// Who shares, and who decides: consent, the switch, the link, and browsers that cannot.
import { DEMO_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';

/** A browser, or a policy, without WebRTC. */
function removeWebRtc(): void {
  const names = ['RTCPeerConnection', 'webkitRTCPeerConnection', 'mozRTCPeerConnection', 'RTCDataChannel'];
  for (const name of names) Reflect.deleteProperty(window, name);
}

test('without WebRTC the seeder carries everything, and the page says so', async ({ house, watch }) => {
  const url = house.server.watchUrl(house.demo);
  const other = await watch(url);
  await other.isPlaying();
  const viewer = await watch(url, { before: removeWebRtc });
  await viewer.isPlaying();
  await viewer.playsOn(3);
  const { swarm, bytes } = await viewer.engine();
  expect(swarm).toBe('unavailable');
  expect(bytes.fromPeers).toBe(0);
  await expect(viewer.p2pSwitch).toContainText('This browser has no WebRTC');
  await expect(viewer.notice).toBeHidden();
  await expect(viewer.shareChip).toHaveText('From the server alone');
  expect(await viewer.starvations()).toEqual([]);
});

test('switched off in mid-play: links close at once, the seeder takes over, and on again meets the others again', async ({ house, watch }) => {
  const url = house.server.watchUrl(house.film);
  const other = await watch(url);
  await other.isPlaying();
  const viewer = await watch(url);
  await viewer.isPlaying();
  await viewer.hasNeighbours(1);
  await viewer.until('bytes from peers', ({ bytes }) => bytes.fromPeers > 0);

  await viewer.switchTo('off');
  await viewer.until('no swarm', ({ mode, swarm, neighbours }) => mode === 'off' && swarm === 'off' && neighbours.length === 0);
  await other.hasNeighbours(0);
  await expect(viewer.shareChip).toHaveText('From the server alone');
  const { bytes } = await viewer.engine();
  await viewer.seek(180);
  await viewer.playsOn(2);
  const later = (await viewer.engine()).bytes;
  expect(later.fromPeers).toBe(bytes.fromPeers);
  expect(later.fromSeeder).toBeGreaterThan(bytes.fromSeeder);

  await viewer.switchTo('on');
  await viewer.hasNeighbours(1);
  await viewer.playsOn(1);
  expect([...(await viewer.starvations()), ...(await other.starvations())]).toEqual([]);
});

test('download only takes from others and gives nothing', async ({ house, watch }) => {
  const url = house.server.watchUrl(house.film);
  const giver = await watch(url);
  await giver.isPlaying();
  const taker = await watch(url, { query: '?p2p=download' });
  await taker.isPlaying();
  await taker.until('bytes from peers', ({ bytes }) => bytes.fromPeers > 0);
  // The taker alone holds what is at 180 s; the giver goes there.
  await taker.seek(180);
  await taker.playsOn(1);
  await giver.seek(180);
  await giver.playsOn(2);
  expect((await taker.engine()).bytes.toPeers).toBe(0);
  expect((await giver.engine()).bytes.fromPeers).toBe(0);
});

test('asked first: nothing comes from others until the viewer has answered, and the answer is remembered', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP }, consent: 'ask' });
  const url = server.watchUrl(await server.channel('Demo'));
  const sharer = await watch(url, { query: '?p2p=on' });
  await sharer.isPlaying();
  await expect(sharer.notice).toBeHidden();

  const viewer = await watch(url);
  await viewer.isPlaying();
  await expect(viewer.notice).toBeVisible();
  await viewer.playsOn(2);
  expect(await viewer.engine()).toMatchObject({ mode: 'off', swarm: 'off', neighbours: [], bytes: { fromPeers: 0, toPeers: 0, control: 0 } });
  await sharer.hasNeighbours(0);

  await viewer.answer('on');
  await expect(viewer.notice).toBeHidden();
  await viewer.hasNeighbours(1);
  await viewer.page.reload();
  await viewer.isPlaying();
  await expect(viewer.notice).toBeHidden();
  await viewer.hasNeighbours(1);
  await viewer.until('bytes from peers', ({ bytes }) => bytes.fromPeers > 0);
});

test('a refusal is remembered; a link decides for its own visit alone', async ({ startServer, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP }, consent: 'ask' });
  const url = server.watchUrl(await server.channel('Demo'));
  const modeOf = async (viewer: Awaited<ReturnType<typeof watch>>): Promise<string> => (await viewer.engine()).mode;

  const viewer = await watch(url, { query: '?p2p=download' });
  await viewer.isPlaying();
  await expect(viewer.notice).toBeHidden();
  expect(await modeOf(viewer)).toBe('download');

  await viewer.page.goto(url);
  await viewer.isPlaying();
  await expect(viewer.notice, 'the link was for that visit').toBeVisible();
  await viewer.answer('off');
  await expect(viewer.notice).toBeHidden();
  await viewer.page.reload();
  await viewer.isPlaying();
  await expect(viewer.notice).toBeHidden();
  expect(await modeOf(viewer)).toBe('off');

  await viewer.switchTo('download');
  await viewer.until('the switch at work', ({ mode }) => mode === 'download');
  await viewer.page.goto(`${url}?p2p=off`);
  await viewer.isPlaying();
  expect(await modeOf(viewer)).toBe('off');
});
