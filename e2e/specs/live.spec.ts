// A live channel: near the edge, together, and back to it after whatever happened.
import { launchBrowser, rendererPids } from '../fixtures/browsers.ts';
import { DEMO_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';

/** More than a jump to live goes back from the newest. */
const LOST_CHUNKS = 5;

test('live plays near the edge, and who joins in mid-stream takes most of it from others', async ({ house, watch }) => {
  const url = house.server.watchUrl(house.tv);
  const first = await watch(url);
  await first.isPlaying();
  await first.isLive();
  const second = await watch(url);
  await second.isPlaying();
  await second.isLive();
  await second.hasNeighbours(1);
  await second.until('bytes from peers', ({ bytes }) => bytes.fromPeers > 0);
  // Longer than what a newcomer is given at once: chunks that were made while both watched.
  await second.playsOn(12);
  await second.isLive();
  await first.isLive();
  const exchanged = (await first.engine()).bytes.fromPeers + (await second.engine()).bytes.fromPeers;
  expect(exchanged).toBeGreaterThan(0);
  await expect(second.liveButton).toContainText('behind');
  expect([...(await first.starvations()), ...(await second.starvations())]).toEqual([]);
});

test('paused and resumed it stays behind, and one click jumps to live', async ({ house, watch }) => {
  const viewer = await watch(house.server.watchUrl(house.tv));
  await viewer.isPlaying();
  await viewer.isLive();
  await viewer.pause();
  await viewer.isBehind(14_000);
  await viewer.play();
  await viewer.playsOn(1);
  await viewer.isBehind(10_000);
  await expect(viewer.liveButton).toContainText('Jump to live');
  await viewer.liveButton.click();
  await viewer.isLive();
  await viewer.playsOn(2);
});

test('a tab frozen for half a minute comes back to live and to its neighbours', async ({ house, watch }) => {
  const url = house.server.watchUrl(house.tv);
  const sleeper = await launchBrowser('chromium');
  try {
    const frozen = await watch(url, { browser: sleeper });
    await frozen.isPlaying();
    const awake = await watch(url);
    await awake.isPlaying();
    await awake.hasNeighbours(1);

    const edge = async (): Promise<number> => (await awake.engine()).live?.edgeUs ?? 0;
    const from = await edge();
    const pids = await rendererPids(sleeper);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await awake.hasNeighbours(0);
      await expect.poll(edge, { message: 'thirty seconds of television', timeout: 90_000 }).toBeGreaterThan(from + 30e6);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await frozen.isLive();
    await frozen.playsOn(2);
    await frozen.hasNeighbours(1, 60_000);
    expect(await awake.starvations()).toEqual([]);
  } finally {
    await sleeper.close();
  }
});

test('the server restarts under a live viewer, who is live again without a hand', async ({ startServer, watch }) => {
  const server = await startServer({ live: { TV: DEMO_CLIP } });
  const viewer = await watch(server.watchUrl(await server.channel('TV')));
  await viewer.isPlaying();
  await server.kill();
  await viewer.until('the loss of the tracker', ({ swarm }) => swarm === 'trackerLost');
  await server.restart();
  await viewer.until('the tracker again', ({ swarm }) => swarm === 'joined', 60_000);
  await viewer.isLive();
  await viewer.playsOn(3);
  await expect(viewer.status).toBeEmpty();
});

test('chunks that nobody has any more are passed over, also by a jump that lands in one of them', async ({ house, openPage, watchOn }) => {
  const page = await openPage();
  let lost: number | undefined;
  await page.route(/\/channels\/[^/]+\/\d+\/\d+\.m4s/, async (route) => {
    const index = Number(/(\d+)\.m4s/.exec(route.request().url())![1]);
    lost ??= index + 4;
    await (index >= lost && index < lost + LOST_CHUNKS ? route.fulfill({ status: 404 }) : route.continue());
  });
  const viewer = await watchOn(page, `${house.server.watchUrl(house.tv)}?p2p=off`);
  await viewer.isPlaying();
  await viewer.until('the chunks after it', ({ live }) => lost !== undefined && (live?.edgeUs ?? 0) > (lost + LOST_CHUNKS + 3) * 2e6);
  await viewer.playsOn(4);
  await viewer.isLive();
});
