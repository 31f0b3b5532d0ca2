/** From the command `tributary host` to the first frame in a browser that is waiting for its link. */
import type { Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../bench-error.ts';
import { launchChromium } from '../chromium.ts';
import { atMost, median, told, type Run, type RunOptions, type RunResult } from '../run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** 30 s and 4 MB, where it lies beside the project; else the clip of the other runs. */
const CLIP = path.join(ROOT, '../shared/media/bbb-480p-30s.mp4');
const ROUNDS = 7;
const QUICK_ROUNDS = 3;

interface Start {
  /** Both from the command on, ms. */
  readonly linkMs: number;
  readonly frameMs: number;
}

async function start(page: Page, clip: string): Promise<Start> {
  const data = mkdtempSync(path.join(tmpdir(), 'tributary-bench-'));
  const beganMs = performance.now();
  const child = spawn(process.execPath, ['hosting/tributary.js', 'host', clip, '--json', '--port', '0', '--data', data], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  try {
    const url = await linkOf(createInterface({ input: child.stdout }));
    const linkMs = performance.now() - beganMs;
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(() => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0, undefined, { polling: 'raf' });
    return { linkMs, frameMs: performance.now() - beganMs };
  } finally {
    child.kill('SIGTERM');
    await closed;
    rmSync(data, { recursive: true, force: true });
  }
}

async function linkOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const said = JSON.parse(line) as { event: string; url?: string };
    if (said.event === 'channel' && said.url !== undefined) return said.url;
  }
  throw new BenchError('The command ended without a link; what it said is above.');
}

export const hostStart: Run = {
  name: 'host-start',
  about: '`tributary host` on a film of 30 s and 4 MB: command to first frame',
  measure: async ({ clip, isQuick }: RunOptions): Promise<RunResult> => {
    const film = existsSync(CLIP) ? CLIP : clip;
    const browser = await launchChromium();
    try {
      const starts: Start[] = [];
      // The first one fills the caches of disk and loader, and builds the pages where they are stale.
      for (let round = 0; round <= (isQuick ? QUICK_ROUNDS : ROUNDS); round++) {
        const context = await browser.newContext();
        const one = await start(await context.newPage(), film);
        await context.close();
        if (round > 0) starts.push(one);
      }
      const frames = starts.map(({ frameMs }) => frameMs);
      return {
        figures: [
          atMost(3, {
            name: 'tributary host: command to first frame',
            floor: '',
            measured: (median(frames) ?? NaN) / 1000,
            unit: ' s',
            how: `Process started to first frame in a page opened at the link, each time with a fresh data folder and an empty cache; median of ${frames.length}, longest ${(Math.max(...frames) / 1000).toFixed(2)} s. Film: ${path.basename(film)}.`,
          }),
          told({ name: 'tributary host: command to link', measured: (median(starts.map(({ linkMs }) => linkMs)) ?? NaN) / 1000, unit: ' s', how: 'Until the link is printed: the film is packaged and signed by then.' }),
        ],
        details: { starts },
        remarks: [`s: ${frames.map((ms) => (ms / 1000).toFixed(2)).join(' ')}`],
      };
    } finally {
      await browser.close();
    }
  },
};
