/**
 * CPU time per viewer of Tributary against plain hls.js: as many of each watch the same live clip at the same time, each
 * kind in a browser of its own, and all processes of both browsers are counted over the same stretch of steady state.
 */
import type { Browser } from '@playwright/test';
import type { Audience, ViewerKind } from '../audience.ts';
import { cpuBetween, readProcesses } from '../chromium.ts';
import { atMost, pause, type Run, type RunOptions, type RunResult } from '../run.ts';
import { onStage } from '../stage.ts';

const OURS = 'Together';
const PLAIN = 'Beside';
const VIEWERS = 4;
const APART_MS = 700;
const SETTLE_MS = 12_000;
const WINDOW_MS = 40_000;
const QUICK_WINDOW_MS = 15_000;
const FIRST_FRAME_MS = 30_000;

export const browserCpu: Run = {
  name: 'cpu',
  about: `CPU of ${VIEWERS} live viewers against ${VIEWERS} plain ones, at the same time`,
  measure: (options) =>
    onStage(options.clip, [{ title: OURS, kind: 'live' }, { title: PLAIN, kind: 'live' }], async ({ openBrowser }) => {
      const ours = await openBrowser();
      const plain = await openBrowser();
      for (let place = 0; place < VIEWERS; place++) {
        await join(ours.audience, 'tributary', place);
        await join(plain.audience, 'plain', place);
        await pause(APART_MS);
      }
      const viewers = [...ours.audience.viewers, ...plain.audience.viewers];
      await Promise.all(viewers.map((viewer) => viewer.firstFrame(FIRST_FRAME_MS)));
      await pause(SETTLE_MS);
      return compare([ours, plain], options);
    }),
};

async function join(audience: Audience, kind: ViewerKind, place: number): Promise<void> {
  await audience.watch(await audience.seat(kind, `${kind}${place + 1}`), kind === 'plain' ? PLAIN : OURS);
}

interface Side {
  readonly browser: Browser;
  readonly audience: Audience;
}

interface Cost {
  /** Share of a core for each viewer, by type of process. */
  readonly byType: Readonly<Record<string, number>>;
  readonly total: number;
  readonly framesShown: number;
  readonly framesDropped: number;
}

async function compare(sides: readonly [Side, Side], { isQuick, log }: RunOptions): Promise<RunResult> {
  const windowMs = isQuick ? QUICK_WINDOW_MS : WINDOW_MS;
  log(`counting CPU time for ${windowMs / 1000} s`);
  const before = await Promise.all(sides.map(read));
  const startedMs = performance.now();
  await pause(windowMs);
  const after = await Promise.all(sides.map(read));
  const seconds = (performance.now() - startedMs) / 1000;
  const [ours, plain] = sides.map((_side, which): Cost => {
    const cpu = cpuBetween(before[which]!.processes, after[which]!.processes);
    const byType = Object.fromEntries(Object.entries(cpu).map(([type, used]) => [type, used / seconds / VIEWERS]));
    return {
      byType,
      total: Object.values(byType).reduce((sum, share) => sum + share, 0),
      framesShown: after[which]!.shown - before[which]!.shown,
      framesDropped: after[which]!.dropped - before[which]!.dropped,
    };
  }) as [Cost, Cost];
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const explain = (name: string, { byType, total, framesShown, framesDropped }: Cost): string =>
    `${name}: ${percent(total)} of a core each (${Object.entries(byType)
      .filter(([, share]) => share > 0.000_5)
      .map(([type, share]) => `${type} ${percent(share)}`)
      .join(', ')}); frames shown ${framesShown}, dropped ${framesDropped}`;
  return {
    figures: [
      atMost(1.3, {
        name: 'browser CPU per viewer / plain hls.js',
        floor: '1',
        measured: ours.total / plain.total,
        unit: 'x',
        how: `${VIEWERS} live viewers of each kind at the same time, a browser for each kind; CPU time of all its processes (SystemInfo.getProcessInfo) over ${Math.round(seconds)} s of steady state: ${percent(ours.total)} of a core against ${percent(plain.total)}.`,
      }),
    ],
    details: { seconds, viewers: VIEWERS, ours, plain },
    remarks: [explain('Tributary', ours), explain('plain hls.js', plain)],
  };
}

async function read({ browser, audience }: Side): Promise<{ processes: Awaited<ReturnType<typeof readProcesses>>; shown: number; dropped: number }> {
  const figures = await Promise.all(audience.viewers.map((viewer) => viewer.figures()));
  return {
    processes: await readProcesses(browser),
    shown: figures.reduce((sum, { framesShown }) => sum + framesShown, 0),
    dropped: figures.reduce((sum, { framesDropped }) => sum + framesDropped, 0),
  };
}
