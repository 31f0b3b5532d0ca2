/**
 * Memory of live viewers' pages after ten minutes against after two. What counts is the whole renderer process, after a
 * forced collection: buffers of media and of data channels lie outside the JavaScript heap.
 */
import type { Browser } from '@playwright/test';
import type { Audience, BenchViewer, ViewerKind } from '../audience.ts';
import { readProcesses, privateBytes } from '../chromium.ts';
import { atMost, median, pause, told, type Run, type RunOptions, type RunResult } from '../run.ts';
import { onStage } from '../stage.ts';

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

interface Reading {
  readonly minutes: number;
  /** All renderer processes together, bytes (privateBytes); null where the system does not tell. */
  readonly own: number | null;
  /** JavaScript heap, DOM and array buffers of all pages together, bytes. */
  readonly heap: number;
}

interface Side {
  readonly browser: Browser;
  readonly audience: Audience;
}

export const liveMemory: Run = {
  name: 'memory',
  about: `memory of live viewers after ${LATE_MINUTES} minutes against after ${EARLY_MINUTES}`,
  measure: (options) =>
    onStage(options.clip, [{ title: OURS, kind: 'live' }, { title: PLAIN, kind: 'live' }], async ({ openBrowser }) => {
      const ours = await openBrowser();
      const plain = await openBrowser();
      const startedMs = performance.now();
      for (let place = 0; place < VIEWERS; place++) await join(ours.audience, 'tributary', place);
      for (let place = 0; place < PLAIN_VIEWERS; place++) await join(plain.audience, 'plain', place);
      return watch([ours, plain], startedMs, options);
    }),
};

async function join(audience: Audience, kind: ViewerKind, place: number): Promise<void> {
  await audience.watch(await audience.seat(kind, `${kind}${place + 1}`), kind === 'plain' ? PLAIN : OURS);
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
        how: `${VIEWERS} live viewers, ${moments}: renderer processes' private memory after a forced collection, median of ${READINGS} readings (where the system does not tell it: the heap). Plain hls.js: ${growth('plain', 'own')?.toFixed(2) ?? 'unknown'}x.`,
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

async function read({ browser, audience }: Side, minutes: number): Promise<Reading> {
  const sizesSeen: number[] = [];
  const heaps: number[] = [];
  for (let reading = 0; reading < READINGS; reading++) {
    if (reading > 0) await pause(READING_APART_MS);
    let heap = 0;
    for (const viewer of audience.viewers) heap += await collectAndRead(viewer);
    heaps.push(heap);
    const renderers = (await readProcesses(browser)).filter(({ type }) => type === 'renderer');
    const sizes = renderers.map(({ pid }) => privateBytes(pid));
    if (sizes.every((size) => size !== null)) sizesSeen.push(sizes.reduce((sum, size) => sum + size, 0));
  }
  return { minutes, own: median(sizesSeen), heap: median(heaps) ?? 0 };
}

/** Bytes of heap, DOM and array buffers of one page after a full collection. */
async function collectAndRead({ page }: BenchViewer): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
    return usedSize + embedderHeapUsedSize + backingStorageSize;
  } finally {
    await session.detach();
  }
}
