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
const MEGABYTES = 100;

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
  const rates: Record<'link' | 'raw', number[]> = { link: [], raw: [] };
  for (let round = 0; round < (isQuick ? QUICK_ROUNDS : ROUNDS); round++) {
    for (const kind of ['raw', 'link'] as const) {
      if (kind === 'link') await near.evaluate(() => linkPage.dial());
      else await near.evaluate(() => linkPage.openRaw());
      const received = far.evaluate(([k, bytes]) => linkPage.receive(k, bytes), [kind, MEGABYTES * 1e6] as const);
      await near.evaluate(([k, bytes]) => linkPage.send(k, bytes), [kind, MEGABYTES * 1e6] as const);
      rates[kind].push((MEGABYTES * 1000) / (await received));
    }
  }
  const [link, raw] = [median(rates.link), median(rates.raw)];
  const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' ');
  return {
    figures: [
      atLeast(0.8, {
        name: 'goodput of one link / raw RTCDataChannel',
        floor: '1',
        measured: link !== null && raw ? link / raw : null,
        unit: 'x',
        how: `${MEGABYTES} MB in messages of 16 KiB between two pages, in turn; medians of ${rates.link.length}: link ${link?.toFixed(1)} MB/s, raw channel ${raw?.toFixed(1)} MB/s.`,
      }),
      told({ name: 'time to open a link', measured: median(setupMs), unit: ' ms', digits: 0, how: `dial() to onLink between two pages, median of ${setupMs.length}; longest ${Math.round(Math.max(...setupMs))} ms.` }),
    ],
    details: { rates, setupMs },
    remarks: [`MB/s, link: ${shown(rates.link)}; raw: ${shown(rates.raw)}`],
  };
}
