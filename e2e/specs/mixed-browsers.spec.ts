// Chromium and Firefox in one swarm.
import type { Browser } from '@playwright/test';
import { findBrowser } from '../../scripts/browsers.ts';
import { launchBrowser } from '../fixtures/browsers.ts';
import { expect, test } from '../fixtures/test.ts';
import type { WatchPage } from '../pages/watch-page.ts';

/** Bytes that `viewers` got from any of `peers`. */
async function bytesFrom(viewers: readonly WatchPage[], peers: ReadonlySet<string>): Promise<number> {
  let sum = 0;
  for (const viewer of viewers) {
    for (const { peer, downBytes } of (await viewer.engine()).neighbours) if (peers.has(peer)) sum += downBytes;
  }
  return sum;
}

test('two Chromium and two Firefox viewers are one swarm and feed each other both ways', async ({ house, watch }) => {
  test.skip(findBrowser('firefox') === undefined, 'needs Firefox besides Chromium');
  const url = house.server.watchUrl(house.film);
  const firefox: Browser = await launchBrowser('firefox');
  try {
    // Each make starts with a part of the film that the other one lacks.
    const chromiums = [await watch(url)];
    await chromiums[0]!.isPlaying();
    const firefoxes = [await watch(url, { browser: firefox })];
    await firefoxes[0]!.isPlaying();
    await firefoxes[0]!.seek(140);
    await firefoxes[0]!.playsOn(1);
    chromiums.push(await watch(url));
    firefoxes.push(await watch(url, { browser: firefox }));
    const all = [...chromiums, ...firefoxes];
    for (const viewer of all) await viewer.isPlaying();
    for (const viewer of all) await viewer.hasNeighbours(3, 60_000);

    // In a full mesh everybody's own id is the one that its own list lacks.
    const lists = await Promise.all(all.map(async (viewer) => (await viewer.engine()).neighbours.map(({ peer }) => peer)));
    const everybody = new Set(lists.flat());
    expect(everybody.size).toBe(4);
    const own = lists.map((list) => [...everybody].find((peer) => !list.includes(peer))!);
    const [chromiumPeers, firefoxPeers] = [new Set(own.slice(0, 2)), new Set(own.slice(2))];

    for (const viewer of chromiums) await viewer.seek(142);
    for (const viewer of all) await viewer.playsOn(2);
    await expect.poll(() => bytesFrom(chromiums, firefoxPeers), { message: 'bytes from Firefox to Chromium' }).toBeGreaterThan(0);
    await expect.poll(() => bytesFrom(firefoxes, chromiumPeers), { message: 'bytes from Chromium to Firefox' }).toBeGreaterThan(0);
    for (const viewer of all) expect((await viewer.engine()).bannedPeers).toBe(0);
  } finally {
    await firefox.close();
  }
});
