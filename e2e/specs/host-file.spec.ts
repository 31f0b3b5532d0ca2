// A film hosted from a page: viewers get it from that page and from each other, and nobody else.
import { DEMO_CLIP } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';
import { HostPage } from '../pages/host-page.ts';
import type { WatchPage } from '../pages/watch-page.ts';

const VIEWERS = 6;
/** What a host may upload, in copies of its film, for that many viewers. */
const MAX_COPIES = 1.3;

/** Chunk bytes the server has sent of one channel. */
async function serverMediaBytes(serverUrl: string, channel: string): Promise<number> {
  const text = await (await fetch(`${serverUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('tributary_seeder_media_bytes_total') && line.includes(channel));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const holdsAll = async (viewer: WatchPage, chunks: number): Promise<void> =>
  viewer.until('the whole film', ({ timeline }) => timeline.filter(({ state }) => state === 'held').length === chunks, 150_000);

test('six viewers of a film that only its host has: the server sends none of it, the host about one copy', async ({ startServer, openPage, watch }) => {
  const server = await startServer({ vod: { Demo: DEMO_CLIP } });
  const host = new HostPage(await openPage());
  await host.open(server.url);
  await host.chooseFilm(DEMO_CLIP);
  const link = await host.goOnAir();
  const viewers: WatchPage[] = [];
  for (let count = 0; count < VIEWERS; count++) {
    const viewer = await watch(link);
    viewers.push(viewer);
    await viewer.isPlaying();
  }
  const { total, channel } = await host.snapshot();
  for (const viewer of viewers) await holdsAll(viewer, total!);
  await host.until('the loss of nothing by closing', ({ leastCopies }) => leastCopies === VIEWERS);
  await expect(host.safety).toContainText('Safe to close: the swarm holds 6 copies of everything.');
  const { sentBytes, madeBytes } = await host.snapshot();
  const copies = sentBytes / madeBytes;
  test.info().annotations.push({ type: 'copies uploaded by the host', description: copies.toFixed(2) });
  expect(await serverMediaBytes(server.url, channel!)).toBe(0);
  expect(copies).toBeLessThanOrEqual(MAX_COPIES);
  for (const viewer of viewers) {
    expect((await viewer.engine()).bytes.fromSeeder).toBe(0);
    expect(await viewer.starvations()).toEqual([]);
  }
});
