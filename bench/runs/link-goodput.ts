/**
 * Goodput of one link between two Chromium pages against a raw RTCDataChannel with 16 KiB messages, on the same machine
 * in turn; and how long a link takes to open, from dial() to onLink.
 */
import type { Page } from '@playwright/test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { BenchError } from '../bench-error.ts';
import { launchChromium } from '../chromium.ts';
import type { LinkPage } from '../link-page.ts';
import { atLeast, median, told, type Run, type RunOptions, type RunResult } from '../run.ts';

const ROUNDS = 5;
const DIALS = 20;
const QUICK_ROUNDS = 2;
const QUICK_DIALS = 5;
const MEGABYTES = 60;
/** A raw channel does best with some queue between these, depending on the machine: the better of both is compared with. */
const RAW_QUEUES = { raw256: 256 * 1024, raw1024: 1024 * 1024 } as const;

type Way = 'link' | keyof typeof RAW_QUEUES;
const WAYS: readonly Way[] = ['link', 'raw256', 'raw1024'];

declare global {
  // What link-page.ts puts on the page.
  var linkPage: LinkPage;
}

/** The page's script, built as the client is. */
async function buildPage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: [{ find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' }] },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: fileURLToPath(new URL('../link-page.ts', import.meta.url)), formats: ['es'], fileName: 'page' },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if (!('output' in output)) continue;
    const entry = output.output.find((file) => file.type === 'chunk' && file.isEntry);
    if (entry?.type === 'chunk') return entry.code;
  }
  throw new BenchError('The page of link-goodput was not built.');
}

async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><title>link</title><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Carries each page's signals to the other, as the tracker would. */
async function connectPages(pages: readonly [Page, Page], url: string): Promise<void> {
  for (const [index, page] of pages.entries()) {
    const other = pages[1 - index]!;
    await page.exposeFunction('carrySignal', (kind: string, text: string) =>
      other.evaluate(([k, t]) => linkPage.take(k!, t!), [kind, text]).catch(() => undefined),
    );
    await page.goto(url);
    await page.waitForFunction(() => 'linkPage' in globalThis);
  }
}

export const linkGoodput: Run = {
  name: 'link-goodput',
  about: 'one link between two pages against a raw data channel',
  measure: async (options) => {
    const server = await serve(await buildPage());
    try {
      const browser = await launchChromium();
      try {
        // A context each, so that each page has a process of its own, as two people's browsers have.
        const pages = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()] as const;
        await connectPages(pages, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        return await compare(pages, options);
      } finally {
        await browser.close();
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
};

async function compare([near, far]: readonly [Page, Page], { isQuick }: RunOptions): Promise<RunResult> {
  await near.evaluate((peer) => linkPage.meet(peer), await far.evaluate(() => linkPage.self));
  const setupMs: number[] = [];
  for (let dial = 0; dial < (isQuick ? QUICK_DIALS : DIALS); dial++) setupMs.push(await near.evaluate(() => linkPage.dial()));
  const rates: Record<Way, number[]> = { link: [], raw256: [], raw1024: [] };
  for (let round = 0; round < (isQuick ? QUICK_ROUNDS : ROUNDS); round++) {
    // Each way comes first, second and third equally often.
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(round + turn) % WAYS.length]!;
      rates[way].push(await transfer(near, far, way));
    }
  }
  const [link, small, large] = WAYS.map((way) => median(rates[way]) ?? NaN) as [number, number, number];
  const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' ');
  return {
    figures: [
      atLeast(0.8, {
        name: 'goodput of one link / raw RTCDataChannel',
        floor: '1',
        measured: link / Math.max(small, large),
        unit: 'x',
        how: `${MEGABYTES} MB in messages of 16 KiB between two pages, in turn; medians of ${rates.link.length}: link ${link.toFixed(1)} MB/s, raw channel ${small.toFixed(1)} MB/s with 256 KiB queued and ${large.toFixed(1)} MB/s with 1 MiB, the better of which counts.`,
      }),
      told({ name: 'time to open a link', measured: median(setupMs), unit: ' ms', digits: 0, how: `dial() to onLink between two pages, median of ${setupMs.length}; longest ${Math.round(Math.max(...setupMs))} ms.` }),
    ],
    details: { rates, setupMs },
    remarks: [`MB/s ${WAYS.map((way) => `${way}: ${shown(rates[way])}`).join('; ')}`],
  };
}

/** MB/s of one transfer over a connection of its own. */
async function transfer(near: Page, far: Page, way: Way): Promise<number> {
  const kind = way === 'link' ? 'link' : 'raw';
  if (kind === 'link') await near.evaluate(() => linkPage.dial());
  else await near.evaluate(() => linkPage.openRaw());
  const bytes = MEGABYTES * 1e6;
  const received = far.evaluate(([k, count]) => linkPage.receive(k, count), [kind, bytes] as const);
  const queueBytes = way === 'link' ? 0 : RAW_QUEUES[way];
  await near.evaluate(([k, count, queue]) => linkPage.send(k, count, queue), [kind, bytes, queueBytes] as const);
  return (MEGABYTES * 1000) / (await received);
}
