/**
 * A page without a debugger, in a browsing context of its own. Playwright's pages have one attached for life, and it
 * keeps a copy of every answer the page was given, up to 100 MB, in the page's own process: a page that plays for minutes
 * grows by all it has fetched. Here one is attached only while something is asked.
 */
import type { Browser, CDPSession } from '@playwright/test';
import { BenchError } from './bench-error.ts';
import { VIEWPORT } from './chromium.ts';

/** What a page is asked, and what comes of it; see the browser's protocol. */
export interface PageFigures {
  /** JavaScript heap, DOM and array buffers after a forced collection, bytes. */
  readonly heapBytes: number;
  /** Playhead of the page's video, seconds; null without one. */
  readonly mediaSeconds: number | null;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export class UnwatchedPage {
  readonly #browser: CDPSession;
  readonly #targetId: string;
  readonly #waiting = new Map<number, { readonly done: (result: unknown) => void; readonly failed: (cause: Error) => void }>();
  #lastId = 0;

  private constructor(browser: CDPSession, targetId: string) {
    this.#browser = browser;
    this.#targetId = targetId;
    browser.on('Target.receivedMessageFromTarget', ({ message }) => this.#answered(JSON.parse(message) as Answer));
  }

  /** Ends with its browser. */
  static async open(browser: Browser, url: string): Promise<UnwatchedPage> {
    const session = await browser.newBrowserCDPSession();
    const { browserContextId } = await session.send('Target.createBrowserContext');
    const { targetId } = await session.send('Target.createTarget', { url, browserContextId, ...VIEWPORT });
    return new UnwatchedPage(session, targetId);
  }

  async figures(): Promise<PageFigures> {
    const { sessionId } = await this.#browser.send('Target.attachToTarget', { targetId: this.#targetId, flatten: false });
    try {
      await this.#ask(sessionId, 'HeapProfiler.collectGarbage');
      const heap = await this.#ask<{ usedSize: number; embedderHeapUsedSize: number; backingStorageSize: number }>(sessionId, 'Runtime.getHeapUsage');
      const expression = `document.querySelector('video')?.currentTime ?? null`;
      const { result } = await this.#ask<{ result: { value: number | null } }>(sessionId, 'Runtime.evaluate', { expression, returnByValue: true });
      return { heapBytes: heap.usedSize + heap.embedderHeapUsedSize + heap.backingStorageSize, mediaSeconds: result.value };
    } finally {
      await this.#browser.send('Target.detachFromTarget', { sessionId });
    }
  }

  async #ask<T>(sessionId: string, method: string, params: object = {}): Promise<T> {
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((done, failed) => this.#waiting.set(id, { done, failed }));
    await this.#browser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) });
    return (await answer) as T;
  }

  #answered({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id ?? 0);
    this.#waiting.delete(id ?? 0);
    if (error === undefined) waiting?.done(result);
    else waiting?.failed(new BenchError(`The browser would not tell of a page: ${error.message}`));
  }
}
