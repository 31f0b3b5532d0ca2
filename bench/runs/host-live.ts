/**
 * A camera in one browser, seen in two others on the same machine: how far behind, by a clock in the picture itself, and
 * how often the picture stood still.
 */
import type { Browser, Page } from '@playwright/test';
import { BenchServer } from '../bench-server.ts';
import { launchChromium, newAudienceContext } from '../chromium.ts';
import { installClockCamera, readLagMs } from '../clock-picture.ts';
import type { Stall } from '../playback-probe.ts';
import { atMost, median, pause, told, type Figure, type Run, type RunOptions, type RunResult } from '../run.ts';

const VIEWERS = 2;
/** Until viewers have found their distance: it is not these seconds that are promised. */
const SETTLE_MS = 20_000;

/** The page's choices of delay, in its order. */
export interface HostLiveCase {
  readonly name: string;
  readonly chunkMs: number;
  readonly option: number;
  readonly targetMs: number;
}

const MINUTES = 5;
const QUICK_MINUTES = 0.5;

export const hostLive = (one: HostLiveCase): Run => ({
  name: one.name,
  about: `a camera on air from a page in chunks of ${one.chunkMs / 1000} s, five minutes: lag by a clock in the picture, stalls`,
  measure: async (options) => {
    const server = await BenchServer.start(options.clip, [{ title: 'Beside', kind: 'vod' }]);
    try {
      return summary(await measureCase(server, one, options));
    } finally {
      await server.close();
    }
  },
});

interface CaseResult extends Pick<HostLiveCase, 'chunkMs' | 'targetMs'> {
  readonly minutes: number;
  readonly lagsMs: readonly number[];
  /** Of all viewers, by the probe. */
  readonly stalls: readonly Stall[];
}

async function measureCase(server: BenchServer, one: HostLiveCase, { isQuick, log }: RunOptions): Promise<CaseResult> {
  const { chunkMs, targetMs } = one;
  const minutes = isQuick ? QUICK_MINUTES : MINUTES;
  const studio = await launchStudio();
  const audience = await launchChromium();
  try {
    const link = await goOnAir(studio, server.url, one.option);
    const pages: Page[] = [];
    for (let viewer = 0; viewer < VIEWERS; viewer++) {
      const page = await (await newAudienceContext(audience)).newPage();
      await page.goto(`${link}?p2p=on`);
      await page.evaluate(() => benchProbe.firstFrame);
      pages.push(page);
    }
    await pause(SETTLE_MS);
    const before = (await stallsOf(pages)).map((stalls) => stalls.length);
    const lagsMs: number[] = [];
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs) {
      await pause(1_000);
      for (const page of pages) {
        const lagMs = await page.evaluate(readLagMs);
        if (lagMs !== null) lagsMs.push(lagMs);
      }
    }
    const stalls = (await stallsOf(pages)).flatMap((all, viewer) => all.slice(before[viewer]));
    const result = { chunkMs, targetMs, minutes, lagsMs, stalls };
    log(`chunks of ${chunkMs} ms: median ${median(lagsMs)?.toFixed(0) ?? 'unknown'} ms behind, ${stalls.length} stalls in ${minutes} min`);
    return result;
  } finally {
    await studio.close();
    await audience.close();
  }
}

/** A browser that asks nobody whether a page may use the camera. */
const launchStudio = (): Promise<Browser> => launchChromium(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']);

async function goOnAir(studio: Browser, serverUrl: string, delayOption: number): Promise<string> {
  const context = await studio.newContext();
  await context.addInitScript({ content: 'globalThis.__name ??= (named) => named;' });
  await context.addInitScript(installClockCamera);
  const page = await context.newPage();
  await page.goto(`${serverUrl}/host`);
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await page.getByRole('combobox', { name: 'Delay' }).selectOption({ index: delayOption });
  await page.getByRole('button', { name: 'Go on air', exact: true }).click();
  const link = page.getByTestId('watch-link');
  await link.waitFor();
  return (await link.getAttribute('href')) ?? '';
}

/** Of each viewer since it came. */
const stallsOf = async (pages: readonly Page[]): Promise<(readonly Stall[])[]> =>
  Promise.all(pages.map(async (page) => page.evaluate(() => benchProbe.figures().stalls)));

function summary(result: CaseResult): RunResult {
  const { chunkMs, targetMs, minutes, lagsMs, stalls } = result;
  const how = `${VIEWERS} viewers, ${minutes} minutes after ${SETTLE_MS / 1000} s to settle; the clock is drawn into the captured picture and read once a second from the picture seen (${lagsMs.length} readings).`;
  const name = `camera to screen, chunks of ${chunkMs / 1000} s`;
  const late = lagsMs.toSorted((a, b) => a - b)[Math.floor(lagsMs.length * 0.95)] ?? null;
  const figures: Figure[] = [
    atMost(targetMs / 1000, { name, floor: `${chunkMs / 1000}`, measured: secondsOf(median(lagsMs)), unit: ' s', how }),
    told({ name: `${name}, 95 of 100 readings`, measured: secondsOf(late), unit: ' s', how: 'As above.' }),
    atMost(0, { name: `${name}, stalls`, floor: '0', measured: stalls.length, digits: 0, how: '`waiting` events that no seek explains, all viewers together.' }),
  ];
  return { figures, stalls: { count: stalls.length, ms: stalls.reduce((sum, { ms }) => sum + ms, 0) }, details: result, remarks: [] };
}

const secondsOf = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
