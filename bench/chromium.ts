/**
 * The real browser the figures are taken in, and what its processes cost. Every viewer gets a browsing context of its
 * own: its own process, and an HTTP cache that no other viewer has filled, as different people's browsers have.
 */
import { chromium, type Browser, type BrowserContext } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browsers.ts';
import { BenchError } from './bench-error.ts';
import { installProbe } from './playback-probe.ts';

const AUDIENCE_ARGS: readonly string[] = [
  ...CHROMIUM_ARGS,
  // Every viewer counts as one that somebody is looking at.
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
];

/** Small, because what is compared is the player and not the painting of pixels by a machine without a GPU. */
export const VIEWPORT = { width: 480, height: 360 };

/** @param extraArgs flags beyond those that every audience is given. */
export async function launchChromium(extraArgs: readonly string[] = []): Promise<Browser> {
  const found = findBrowser('chromium');
  if (found === undefined) throw new BenchError('No Chromium was found. Install one, or name it in CHROMIUM_PATH.');
  return chromium.launch({ executablePath: found.executablePath, args: [...AUDIENCE_ARGS, ...extraArgs] });
}

/** A context with the playback probe in every page. */
export async function newAudienceContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  // The compiler that runs these files names functions with a helper that pages do not have.
  await context.addInitScript({ content: 'globalThis.__name ??= (named) => named;' });
  await context.addInitScript(installProbe);
  return context;
}

export interface ProcessUse {
  readonly type: string;
  readonly pid: number;
  readonly cpuSeconds: number;
}

/** CPU time of each of the browser's processes since its start, as the browser reports it. */
export async function readProcesses(browser: Browser): Promise<ProcessUse[]> {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.map(({ type, id, cpuTime }) => ({ type, pid: id, cpuSeconds: cpuTime }));
  } finally {
    await session.detach();
  }
}

/** CPU seconds by type of process between two readings. Processes that ended in between are not counted. */
export function cpuBetween(before: readonly ProcessUse[], after: readonly ProcessUse[]): Record<string, number> {
  const earlier = new Map(before.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
  const seconds: Record<string, number> = {};
  for (const { type, pid, cpuSeconds } of after) {
    seconds[type] = (seconds[type] ?? 0) + cpuSeconds - (earlier.get(pid) ?? 0);
  }
  return seconds;
}

/**
 * Memory of a process that is its own, bytes, swapped pages included: what Chromium calls private memory footprint. Pages
 * of the program itself are left out, because how they are shared depends on what else runs. Null where the system does
 * not tell (not Linux), or the process is gone.
 */
export function privateBytes(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN);
    const bytes = (kilobytes('RssAnon') + kilobytes('VmSwap')) * 1024;
    return Number.isNaN(bytes) ? null : bytes;
  } catch {
    return null;
  }
}
