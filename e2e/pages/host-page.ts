/** The /host page: what a host does with it by hand, and the hosting's snapshot for the eye. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';
import type { HostSnapshot } from '#browser/hosting/host-snapshot';
import type {} from '#player/debug-handle.ts';

/** Chromium's own camera, microphone and screen for tests, allowed without a question. */
export const FAKE_CAPTURE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--auto-select-desktop-capture-source=Entire screen'];

const LIVE_BUTTONS = { camera: 'Use the camera', screen: 'Show the screen', both: 'Show screen and camera' } as const;

export class HostPage {
  readonly page: Page;
  readonly headline: Locator;
  readonly safety: Locator;
  readonly link: Locator;
  readonly remark: Locator;
  readonly onAir: Locator;
  readonly #field: Locator;
  readonly #start: Locator;

  constructor(page: Page) {
    this.page = page;
    this.headline = page.getByTestId('headline');
    this.safety = page.getByTestId('safety');
    this.link = page.getByTestId('watch-link');
    this.remark = page.getByTestId('remark');
    this.onAir = page.getByTestId('on-air');
    this.#field = page.getByTestId('film-field');
    this.#start = page.getByRole('button', { name: 'Go on air', exact: true });
  }

  async open(serverUrl: string): Promise<void> {
    await this.page.goto(`${serverUrl}/host`);
    await this.page.getByRole('heading', { name: 'Host a channel', level: 1 }).waitFor();
  }

  async chooseFilm(path: string): Promise<void> {
    await this.#field.setInputFiles(path);
    await this.#start.waitFor();
  }

  /** Camera or screen; the browser must have been started with FAKE_CAPTURE. */
  async chooseLive(source: 'camera' | 'screen' | 'both'): Promise<void> {
    await this.page.getByRole('button', { name: LIVE_BUTTONS[source], exact: true }).click();
    await this.#start.waitFor();
  }

  /** By the words on the page: `Close` or `Calm`. */
  async chooseDelay(words: 'Close' | 'Calm'): Promise<void> {
    const options = this.page.getByRole('combobox', { name: 'Delay' });
    await options.selectOption({ index: words === 'Close' ? 0 : 1 });
  }

  async keepServerCopy(): Promise<void> {
    await this.page.getByRole('checkbox', { name: /Keep a copy on the server/ }).check();
  }

  /** Goes on air without waiting for a link. */
  async start(): Promise<void> {
    await this.#start.click();
  }

  /** Lets the browser's own dialog, which tests cannot see, answer with a real handle of a film that it keeps itself. */
  async giveHandles(path: string): Promise<void> {
    const film = readFileSync(path).toString('base64');
    await this.page.evaluate(async (base64) => {
      const folder = await navigator.storage.getDirectory();
      const handle = await folder.getFileHandle('film.mp4', { create: true });
      const writer = await handle.createWritable();
      await writer.write(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
      await writer.close();
      Object.assign(window, { showOpenFilePicker: () => Promise.resolve([handle]) });
    }, film);
  }

  /** @returns the watch link. */
  async goOnAir(): Promise<string> {
    await this.#start.click();
    await this.link.waitFor();
    return (await this.link.getAttribute('href')) ?? '';
  }

  /** Goes on with the channel of an earlier visit. @returns the watch link. */
  async goOnAirAgain(): Promise<string> {
    await this.page.getByRole('button', { name: 'Go on air again' }).click();
    await this.link.waitFor();
    return (await this.link.getAttribute('href')) ?? '';
  }

  async end(): Promise<void> {
    await this.page.getByRole('button', { name: 'End the channel' }).click();
    await expect(this.headline).toContainText('This channel is over.');
  }

  /** @throws Error while nothing is hosted. */
  async snapshot(): Promise<HostSnapshot> {
    const snapshot = await this.page.evaluate(() => window.tributaryHost?.() ?? null);
    if (snapshot === null) throw new Error('Nothing is hosted.');
    return snapshot;
  }

  /** Waits until something the hosting knows of itself is so. */
  async until(what: string, isSo: (snapshot: HostSnapshot) => boolean, timeout = 60_000): Promise<void> {
    await expect
      .poll(
        async () => {
          const { engine: _engine, ...snapshot } = await this.snapshot();
          return isSo({ ...snapshot, engine: null }) ? what : snapshot;
        },
        { message: what, timeout },
      )
      .toBe(what);
  }
}
