/**
 * A watch page and whoever watches on it: its controls for the hand, its video element and its viewer's snapshot for
 * the eye. Whatever is waited for is a named condition here, never a time.
 */
import { expect, type Locator, type Page } from '@playwright/test';
import type { WatchSnapshot } from '#browser/watch-snapshot';
import type { P2pMode, ViewerSnapshot } from '#engine/viewer-snapshot';
import type {} from '#player/debug-handle.ts';
import { starvations, type Starvation } from './playback-probe.ts';
import { StatsPanel } from './stats-panel.ts';

export interface VideoState {
  readonly currentTime: number;
  readonly duration: number;
  readonly readyState: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly error: string | null;
}

/** Answers of the first-run notice. */
const ANSWERS: Readonly<Record<P2pMode, string>> = { on: 'Share', download: 'Download only', off: 'No thanks' };
const SWITCH: Readonly<Record<P2pMode, string>> = { on: 'On', download: 'Download only', off: 'Off' };

export class WatchPage {
  readonly page: Page;
  readonly stats: StatsPanel;
  readonly notice: Locator;
  readonly shareChip: Locator;
  /** The sentence over the picture; empty while all is well. */
  readonly status: Locator;
  readonly liveButton: Locator;
  readonly title: Locator;
  readonly p2pSwitch: Locator;
  readonly #video: Locator;

  constructor(page: Page) {
    this.page = page;
    this.stats = new StatsPanel(page);
    this.notice = page.getByTestId('consent-notice');
    this.shareChip = page.getByTestId('share-chip');
    this.status = page.getByTestId('status');
    this.liveButton = page.getByTestId('live-button');
    this.title = page.getByRole('heading', { level: 1 });
    this.p2pSwitch = page.getByTestId('p2p-switch');
    this.#video = page.getByTestId('video');
  }

  async video(): Promise<VideoState> {
    return this.#video.evaluate((element) => {
      const { currentTime, duration, readyState, paused, ended, error } = element as HTMLVideoElement;
      return { currentTime, duration, readyState, paused, ended, error: error === null ? null : `${error.code} ${error.message}` };
    });
  }

  async snapshot(): Promise<WatchSnapshot> {
    return this.page.evaluate(() => window.tributary!.viewer.snapshot());
  }

  /** @throws Error before the channel is open. */
  async engine(): Promise<ViewerSnapshot> {
    const { engine } = await this.snapshot();
    if (engine === null) throw new Error('The channel is not open yet.');
    return engine;
  }

  /** Waits until `seconds` more of the film have been shown. */
  async playsOn(seconds = 2): Promise<void> {
    const from = (await this.video()).currentTime;
    await this.reaches(from + seconds);
  }

  /** Waits until the playhead is at `time` or later. */
  async reaches(time: number): Promise<void> {
    await expect
      .poll(async () => (await this.video()).currentTime, { message: `the playhead should reach ${time.toFixed(1)} s`, timeout: 30_000 })
      .toBeGreaterThanOrEqual(time);
  }

  /** Waits for a first picture that moves. */
  async isPlaying(): Promise<void> {
    await expect(this.#video).toBeAttached();
    await expect.poll(async () => (await this.snapshot()).playback.startupMs, { message: 'a first frame should show' }).not.toBeNull();
    await this.playsOn(0.5);
  }

  /** Waits until something the viewer knows of itself is so. */
  async until(what: string, isSo: (engine: ViewerSnapshot) => boolean, timeout = 20_000): Promise<void> {
    await expect
      .poll(
        async () => {
          const { engine } = await this.snapshot();
          return engine !== null && isSo(engine) ? what : engine;
        },
        { message: what, timeout },
      )
      .toBe(what);
  }

  /** Waits for this many neighbours that have greeted. */
  async hasNeighbours(count: number, timeout?: number): Promise<void> {
    await this.until(`${count} active neighbours`, ({ neighbours }) => neighbours.filter(({ state }) => state === 'active').length === count, timeout);
  }

  /** Times the picture stood still for want of media; the probe must be in the page (fixtures put it there). */
  async starvations(): Promise<Starvation[]> {
    return starvations(this.page);
  }

  async seek(seconds: number): Promise<void> {
    await this.#video.evaluate((element, time) => {
      (element as HTMLVideoElement).currentTime = time;
    }, seconds);
    await expect.poll(async () => (await this.video()).readyState, { message: `media at ${seconds} s` }).toBeGreaterThanOrEqual(3);
  }

  async pause(): Promise<void> {
    await this.#video.evaluate((element) => (element as HTMLVideoElement).pause());
  }

  async play(): Promise<void> {
    await this.#video.evaluate((element) => (element as HTMLVideoElement).play());
  }

  async answer(mode: P2pMode): Promise<void> {
    await this.notice.getByRole('button', { name: ANSWERS[mode], exact: true }).click();
  }

  async switchTo(mode: P2pMode): Promise<void> {
    await this.p2pSwitch.getByText(SWITCH[mode], { exact: true }).click();
  }
}
