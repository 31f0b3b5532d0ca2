/** What most runs need: the server with its channels, the plain site and one or more browsers; all of it torn down again. */
import type { Browser } from '@playwright/test';
import { Audience } from './audience.ts';
import { BenchServer, type BenchChannel } from './bench-server.ts';
import { launchChromium } from './chromium.ts';
import { PlainSite } from './plain-site.ts';

export interface Stage {
  readonly server: BenchServer;
  /** Opens a browser of its own, and an audience in it. */
  readonly openBrowser: () => Promise<{ readonly browser: Browser; readonly audience: Audience }>;
}

/** Runs `play` on a fresh stage; whatever it opened is closed when it is done or has failed. */
export async function onStage<T>(clip: string, channels: readonly BenchChannel[], play: (stage: Stage) => Promise<T>): Promise<T> {
  const browsers: Browser[] = [];
  const plain = await PlainSite.start();
  try {
    const server = await BenchServer.start(clip, channels);
    try {
      return await play({
        server,
        openBrowser: async () => {
          const browser = await launchChromium();
          browsers.push(browser);
          return { browser, audience: new Audience({ browser, server, plain }) };
        },
      });
    } finally {
      for (const browser of browsers) await browser.close();
      await server.close();
    }
  } finally {
    await plain.close();
  }
}
