// Players that know nothing of peers: what the seeder offers them is plain HLS.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { paths } from '#protocol/paths';
import { findProgram } from '../../scripts/browsers.ts';
import { expect, test } from '../fixtures/test.ts';

const HLS_JS = readFileSync(createRequire(import.meta.url).resolve('hls.js'));

/** A page of somebody else's with nothing but hls.js on it; the master playlist's address is its query. */
const PAGE = `<!doctype html><title>Plain</title><video muted></video><script src="/hls.js"></script><script>
  const video = document.querySelector('video');
  const hls = new Hls();
  window.errors = [];
  hls.on(Hls.Events.ERROR, (_, { details, fatal }) => window.errors.push(details + (fatal ? ' (fatal)' : '')));
  hls.loadSource(decodeURIComponent(location.search.slice(1)));
  hls.attachMedia(video);
  video.play();
</script>`;

/** Calls `use` with the address of a site that serves the page. */
async function withSite(use: (url: string) => Promise<void>): Promise<void> {
  const site = createServer(({ url }, response) => {
    const isScript = url === '/hls.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html').end(isScript ? HLS_JS : PAGE);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

for (const kind of ['demo', 'tv'] as const) {
  test(`hls.js alone plays the ${kind === 'tv' ? 'live' : 'on-demand'} channel from another site`, async ({ house, openPage }) => {
    await withSite(async (site) => {
      const page = await openPage();
      await page.goto(`${site}/?${encodeURIComponent(house.server.url + paths.master(house[kind].id))}`);
      const time = (): Promise<number> => page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);
      await expect.poll(time, { message: 'a picture that moves' }).toBeGreaterThan(0);
      const from = await time();
      await expect.poll(time, { message: 'four seconds of it' }).toBeGreaterThan(from + 4);
      expect(await page.evaluate(() => (window as unknown as { errors: string[] }).errors.filter((error) => !error.startsWith('bufferStalled')))).toEqual([]);
    });
  });
}

test('ffprobe reads what the channel says it is', async ({ house }) => {
  const ffprobe = findProgram('ffprobe');
  test.skip(ffprobe === undefined, 'ffprobe is not installed here');
  const url = house.server.url + paths.master(house.demo.id);
  const { stdout } = await promisify(execFile)(ffprobe!, ['-v', 'error', '-show_entries', 'stream=codec_type,codec_name,height:format=duration', '-of', 'json', url]);
  const { streams, format } = JSON.parse(stdout) as { streams: { codec_type: string; codec_name: string; height?: number }[]; format: { duration: string } };
  const picture = streams.find(({ codec_type }) => codec_type === 'video');
  const sound = streams.find(({ codec_type }) => codec_type === 'audio');
  expect(picture).toMatchObject({ codec_name: 'h264', height: house.demo.height });
  expect(sound).toMatchObject({ codec_name: 'aac' });
  expect(Number(format.duration)).toBeCloseTo(house.demo.durationSeconds!, 0);
});
