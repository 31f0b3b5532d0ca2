/**
 * Memory of live viewers' pages after ten minutes against after two. What counts is the whole renderer process, after a
 * forced collection: buffers of media and of data channels lie outside the JavaScript heap. No debugger watches the
 * pages in between (unwatched-page.ts says why).
 */
import type { Browser } from '@playwright/test';
import type { ViewerKind } from '../audience.ts';
import { BenchError } from '../bench-error.ts';
import { readProcesses, privateBytes } from '../chromium.ts';
import { atMost, median, pause, told, type Run, type RunOptions, type RunResult } from '../run.ts';
import { onStage, type Stage } from '../stage.ts';
import { UnwatchedPage } from '../unwatched-page.ts';

const OURS = 'Together';
const PLAIN = 'Beside';
const VIEWERS = 4;
const PLAIN_VIEWERS = 2;
const MINUTE_MS = 60_000;
const EARLY_MINUTES = 2;
const LATE_MINUTES = 10;
const QUICK_EARLY_MINUTES = 0.75;
const QUICK_LATE_MINUTES = 2;
/** Readings around each moment; their median, because a page's memory goes up and down with every chunk. */
const READINGS = 5;
const READING_APART_MS = 2_000;
/** Share of the time between the first and the last reading that pages must have played. */
const LEAST_PLAYED = 0.9;

interface Reading {
  readonly minutes: number;
  /** The pages' renderer processes together, bytes (privateBytes); null where the system does not tell. */
  readonly own: number | null;
  /** JavaScript heap, DOM and array buffers of all pages together, bytes. */
  readonly heap: number;
  /** Playheads of all pages together. */
  readonly mediaSeconds: number;
}

interface Side {
  readonly browser: Browser;
  readonly pages: readonly UnwatchedPage[];
}

export const liveMemory: Run = {
  name: 'memory',
  about: `memory of live viewers after ${LATE_MINUTES} minutes against after ${EARLY_MINUTES}`,
  measure: (options) =>
    onStage(options.clip, [{ title: OURS, kind: 'live' }, { title: PLAIN, kind: 'live' }], async (stage) => {
      const startedMs = performance.now();
      const ours = await open(stage, 'tributary', VIEWERS);
      const plain = await open(stage, 'plain', PLAIN_VIEWERS);
      return watch([ours, plain], startedMs, options);
    }),
};

async function open({ openBrowser }: Stage, kind: ViewerKind, count: number): Promise<Side> {
  const { browser, audience } = await openBrowser();
  const url = audience.urlOf(kind, kind === 'plain' ? PLAIN : OURS);
  const pages: UnwatchedPage[] = [];
  while (pages.length < count) pages.push(await UnwatchedPage.open(browser, url));
  return { browser, pages };
}

async function watch(sides: readonly [Side, Side], startedMs: number, { isQuick, log }: RunOptions): Promise<RunResult> {
  const [early, late] = isQuick ? [QUICK_EARLY_MINUTES, QUICK_LATE_MINUTES] : [EARLY_MINUTES, LATE_MINUTES];
  const readings: { readonly ours: Reading; readonly plain: Reading }[] = [];
  // A reading each minute in between shows whether it is growth or weather.
  for (let minutes = early; minutes <= late; minutes += isQuick ? late - early : 1) {
    await pause(Math.max(0, startedMs + minutes * MINUTE_MS - performance.now()));
    readings.push({ ours: await read(sides[0], minutes), plain: await read(sides[1], minutes) });
    log(`after ${minutes} min: ${describe(readings.at(-1)!.ours, VIEWERS)}; plain: ${describe(readings.at(-1)!.plain, PLAIN_VIEWERS)}`);
  }
  requirePlaying(readings[0]!.ours, readings.at(-1)!.ours, VIEWERS);
  requirePlaying(readings[0]!.plain, readings.at(-1)!.plain, PLAIN_VIEWERS);
  const growth = (side: 'ours' | 'plain', of: 'own' | 'heap'): number | null => {
    const [first, last] = [readings[0]?.[side][of], readings.at(-1)?.[side][of]];
    return first && last ? last / first : null;
  };
  const moments = `${late} min against ${early} min${isQuick ? ' (--quick)' : ''}`;
  return {
    figures: [
      atMost(1.1, {
        name: "memory of a live viewer's page, late / early",
        floor: '1',
        measured: growth('ours', 'own') ?? growth('ours', 'heap'),
        unit: 'x',
        how: `${VIEWERS} live viewers, ${moments}: renderer processes' private memory after a forced collection, median of ${READINGS} readings, no debugger in between (where the system does not tell it: the heap). Plain hls.js: ${growth('plain', 'own')?.toFixed(2) ?? 'unknown'}x.`,
      }),
      told({ name: 'heap and buffers of that page, late / early', measured: growth('ours', 'heap'), unit: 'x', how: `Runtime.getHeapUsage, array buffers included, after a forced collection. Plain hls.js: ${growth('plain', 'heap')?.toFixed(2) ?? 'unknown'}x.` }),
    ],
    details: { viewers: VIEWERS, plainViewers: PLAIN_VIEWERS, readings },
    remarks: readings.map(({ ours, plain }) => `after ${ours.minutes} min, per page: ${describe(ours, VIEWERS)}; plain: ${describe(plain, PLAIN_VIEWERS)}`),
  };
}

function describe({ own, heap }: Reading, viewers: number): string {
  const megabytes = (bytes: number): string => `${(bytes / viewers / 1e6).toFixed(1)} MB`;
  return `process ${own === null ? 'unknown' : megabytes(own)}, heap and buffers ${megabytes(heap)}`;
}

async function read({ browser, pages }: Side, minutes: number): Promise<Reading> {
  const sizes: (number | null)[] = [];
  const heaps: number[] = [];
  let mediaSeconds = 0;
  for (let reading = 0; reading < READINGS; reading++) {
    if (reading > 0) await pause(READING_APART_MS);
    const figures = [];
    for (const page of pages) figures.push(await page.figures());
    heaps.push(figures.reduce((sum, { heapBytes }) => sum + heapBytes, 0));
    mediaSeconds = figures.reduce((sum, figure) => sum + (figure.mediaSeconds ?? 0), 0);
    sizes.push(await ownBytes(browser, pages.length));
  }
  return { minutes, own: median(sizes.filter((size) => size !== null)), heap: median(heaps) ?? 0, mediaSeconds };
}

/** Of the renderers that show a page. Chromium keeps others at hand that have hardly run. */
async function ownBytes(browser: Browser, pages: number): Promise<number | null> {
  const renderers = (await readProcesses(browser)).filter(({ type }) => type === 'renderer').sort((a, b) => b.cpuSeconds - a.cpuSeconds);
  const sizes = renderers.slice(0, pages).map(({ pid }) => privateBytes(pid));
  return sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
}

/** @throws BenchError where a side did not play all the time: a page that stands still has no memory worth telling. */
function requirePlaying(first: Reading, last: Reading, pages: number): void {
  const played = (last.mediaSeconds - first.mediaSeconds) / pages / 60;
  if (played < LEAST_PLAYED * (last.minutes - first.minutes)) throw new BenchError(`The pages played ${played.toFixed(1)} minutes of ${last.minutes - first.minutes}.`);
}
