/**
 * Real viewers in real pages, of Tributary or of plain hls.js, and everything that is asked of them: the probe's figures,
 * the snapshot, and which chunks they asked the seeder for and when.
 */
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { WatchSnapshot } from '#browser/watch-snapshot';
import type { BenchServer } from './bench-server.ts';
import { newAudienceContext } from './chromium.ts';
import type { PlainSite } from './plain-site.ts';
import type { ProbeFigures } from './playback-probe.ts';

export type ViewerKind = 'tributary' | 'plain';

export interface ChunkRequest {
  readonly viewer: string;
  readonly index: number;
  /** Since the audience began. */
  readonly atMs: number;
  /** The Range header's value, null for a whole chunk. */
  readonly range: string | null;
}

/** How a page of ours is looked into; see client/player/debug-handle.ts. */
interface TributaryPage {
  readonly tributary?: { readonly viewer: { snapshot(): WatchSnapshot } };
}

/** What the page of plain-site.ts offers. */
interface PlainPage {
  readonly hls?: { readonly playingDate: Date | null };
}

const CHUNK_URL = /\/channels\/[a-z2-7]+\/\d+\/(\d+)\.(?:m4s|ts)$/;

export class BenchViewer {
  readonly kind: ViewerKind;
  readonly name: string;
  readonly page: Page;
  readonly requests: ChunkRequest[] = [];
  /** Payload of WebSocket frames, both directions: all that passes between viewer and tracker. */
  trackerBytes = 0;
  readonly #context: BrowserContext;

  constructor(parts: { kind: ViewerKind; name: string; page: Page; context: BrowserContext; startedMs: number }) {
    this.kind = parts.kind;
    this.name = parts.name;
    this.page = parts.page;
    this.#context = parts.context;
    parts.page.on('request', (request) => {
      const match = CHUNK_URL.exec(new URL(request.url()).pathname);
      if (match === null) return;
      const atMs = Math.round(performance.now() - parts.startedMs);
      this.requests.push({ viewer: this.name, index: Number(match[1]), atMs, range: request.headers().range ?? null });
    });
    parts.page.on('websocket', (socket) => {
      const count = ({ payload }: { payload: string | Buffer }): void => {
        this.trackerBytes += Buffer.byteLength(payload);
      };
      socket.on('framesent', count);
      socket.on('framereceived', count);
    });
  }

  /** Milliseconds from navigation start to the first frame; null when none came in time. */
  async firstFrame(timeoutMs: number): Promise<number | null> {
    return withTimeout(this.page.evaluate(() => benchProbe.firstFrame), timeoutMs);
  }

  /** Whether the end was reached in time. */
  async ended(timeoutMs: number): Promise<boolean> {
    return (await withTimeout(this.page.evaluate(() => benchProbe.ended.then(() => true)), timeoutMs)) ?? false;
  }

  figures(): Promise<ProbeFigures> {
    return this.page.evaluate(() => benchProbe.figures());
  }

  /** Null on a plain page. */
  snapshot(): Promise<WatchSnapshot | null> {
    return this.page.evaluate(() => (globalThis as TributaryPage).tributary?.viewer.snapshot() ?? null);
  }

  /** Milliseconds since what is shown was on air; null while unknown. Tributary by its records, plain by EXT-X-PROGRAM-DATE-TIME. */
  behindMs(): Promise<number | null> {
    return this.page.evaluate(() => {
      const page = globalThis as TributaryPage & PlainPage;
      if (page.tributary !== undefined) return page.tributary.viewer.snapshot().live?.behindMs ?? null;
      const date = page.hls?.playingDate;
      return date ? Date.now() - date.getTime() : null;
    });
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

export class Audience {
  readonly viewers: BenchViewer[] = [];
  readonly #parts: { readonly browser: Browser; readonly server: BenchServer; readonly plain: PlainSite };
  readonly #startedMs = performance.now();

  constructor(parts: { browser: Browser; server: BenchServer; plain: PlainSite }) {
    this.#parts = parts;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** A blank page, ready to be sent to the channel: so that opening it costs none of what is measured. */
  async seat(kind: ViewerKind, name: string): Promise<BenchViewer> {
    const context = await newAudienceContext(this.#parts.browser);
    const viewer = new BenchViewer({ kind, name, page: await context.newPage(), context, startedMs: this.#startedMs });
    this.viewers.push(viewer);
    return viewer;
  }

  /** Starts to watch; comes back when the navigation has begun to answer. */
  async watch(viewer: BenchViewer, channel: string): Promise<void> {
    await viewer.page.goto(this.urlOf(viewer.kind, channel), { waitUntil: 'commit' });
  }

  urlOf(kind: ViewerKind, channel: string): string {
    const { server, plain } = this.#parts;
    return kind === 'tributary' ? server.watchUrl(channel) : plain.watchUrl(server.masterUrl(channel));
  }

  async leave(viewer: BenchViewer): Promise<void> {
    this.viewers.splice(this.viewers.indexOf(viewer), 1);
    await viewer.close();
  }
}

/** What was promised, or null after `timeoutMs` or when the page failed. */
async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<null>((resolve) => (timer = setTimeout(resolve, timeoutMs, null)));
  try {
    return await Promise.race([promise.catch(() => null), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
