/**
 * Goodput and set-up time of one link between two Chromium pages, against a raw RTCDataChannel with 16 KiB messages on
 * the same machine in the same run. Prints one line of JSON: rates in MB/s of both (median of the rounds), their ratio,
 * and milliseconds from dial() to onLink. `node --import tsx bench/link-goodput.ts`.
 */
import { chromium, type Page } from '@playwright/test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { findBrowser } from '../scripts/browsers.ts';
import type { LinkPage } from './zz-lp.ts';

const ROUNDS = 5;
const DIALS = 20;
const MEGABYTES = 100;
const ARGS = [
  '--no-sandbox', '--disable-features=WebRtcHideLocalIpsWithMdns', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run', '--disable-quic', '--disable-gpu',
];

declare global {
  // What zz-lp.ts puts on the page.
  var linkPage: LinkPage;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** The page's script, built as the client is. */
async function buildPage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: [{ find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' }] },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: fileURLToPath(new URL('zz-lp.ts', import.meta.url)), formats: ['es'], fileName: 'page' },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if (!('output' in output)) continue;
    const entry = output.output.find((file) => file.type === 'chunk' && file.isEntry);
    if (entry?.type === 'chunk') return entry.code;
  }
  throw new Error('the page was not built');
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

const found = findBrowser('chromium');
if (found === undefined) throw new Error('No Chromium found; name one in CHROMIUM_PATH.');
const server = await serve(await buildPage());
const browser = await chromium.launch({ executablePath: found.executablePath, args: ARGS });
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
// A context each, so that each page has a process of its own, as two people's browsers have.
const pages: [Page, Page] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
await connectPages(pages, url);
const [near, far] = pages;
await near.evaluate((peer) => linkPage.meet(peer), await far.evaluate(() => linkPage.self));

const setupMs: number[] = [];
for (let dial = 0; dial < DIALS; dial++) setupMs.push(await near.evaluate(() => linkPage.dial()));

const rates: Record<'link' | 'raw', number[]> = { link: [], raw: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of ['raw', 'link'] as const) {
    if (kind === 'link') await near.evaluate(() => linkPage.dial());
    else await near.evaluate(() => linkPage.openRaw());
    const received = far.evaluate(([k, bytes]) => linkPage.receive(k, bytes), [kind, MEGABYTES * 1e6] as const);
    await near.evaluate(([k, bytes]) => linkPage.send(k, bytes), [kind, MEGABYTES * 1e6] as const);
    rates[kind].push((MEGABYTES * 1000) / (await received));
  }
}
await browser.close();
server.close();

const round1 = (value: number): number => Math.round(value * 10) / 10;
console.log(
  JSON.stringify({
    benchmark: 'link-goodput',
    linkMBps: round1(median(rates.link)),
    rawMBps: round1(median(rates.raw)),
    ratio: Math.round((median(rates.link) / median(rates.raw)) * 100) / 100,
    target: 0.8,
    setupMsMedian: round1(median(setupMs)),
    setupMsMax: round1(Math.max(...setupMs)),
    rounds: { link: rates.link.map(round1), raw: rates.raw.map(round1), setupMs: setupMs.map(round1) },
  }),
);
