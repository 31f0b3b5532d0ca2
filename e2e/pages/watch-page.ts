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
  readonly seeking: boolean;
  readonly error: string | null;
}

/** Answers of the first-run notice. */
const ANSWERS: Readonly<Record<P2pMode, string>> = { on: 'Share', download: 'Download only', off: 'No thanks' };
const SWITCH: Readonly<Record<P2pMode, string>> = { on: 'On', download: 'Download only', off: 'Off' };

/** How far behind what is on air a live viewer may be, milliseconds. */
const LIVE_MS = 6_500;

/** The snapshot as a failure shows it: the timeline as one letter a chunk (m, f, h or d) with its first chunk's number. */
function inShort(engine: ViewerSnapshot | null): unknown {
  if (engine === null) return null;
  const { timeline, ...rest } = engine;
  return { timeline: `${timeline[0]?.index ?? '-'}: ${timeline.map(({ state }) => state[0]).join('')}`, ...rest };
}

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
      const { currentTime, duration, readyState, paused, ended, seeking, error } = element as HTMLVideoElement;
      return { currentTime, duration, readyState, paused, ended, seeking, error: error === null ? null : `${error.code} ${error.message}` };
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
      .poll(async () => (await this.video()).currentTime, { message: `the playhead should reach ${time.toFixed(1)} s`, timeout: 60_000 })
      .toBeGreaterThanOrEqual(time);
  }

  /** Waits for a first picture that moves. */
  async isPlaying(): Promise<void> {
    await expect(this.#video).toBeAttached();
    await expect.poll(async () => (await this.snapshot()).playback.startupMs, { message: 'a first frame should show' }).not.toBeNull();
    await this.playsOn(0.5);
  }

  /** Waits until something the viewer knows of itself is so. */
  async until(what: string, isSo: (engine: ViewerSnapshot) => boolean, timeout = 30_000): Promise<void> {
    await expect
      .poll(
        async () => {
          const { engine } = await this.snapshot();
          return engine !== null && isSo(engine) ? what : inShort(engine);
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

  /** Waits until a live viewer is as near the edge as the product promises. */
  async isLive(): Promise<void> {
    await expect
      .poll(async () => (await this.snapshot()).live?.behindMs ?? Infinity, { message: 'milliseconds behind live', timeout: 60_000 })
      .toBeLessThanOrEqual(LIVE_MS);
  }

  /** Waits until a live viewer is at least that far behind. */
  async isBehind(ms: number): Promise<void> {
    await expect
      .poll(async () => (await this.snapshot()).live?.behindMs ?? 0, { message: 'milliseconds behind live', timeout: 60_000 })
      .toBeGreaterThanOrEqual(ms);
  }

  /** Seeks and waits for the picture. */
  async seek(seconds: number): Promise<void> {
    await this.seekBlindly(seconds);
    await this.shows(seconds);
  }

  /** Seeks to where there may be nothing. */
  async seekBlindly(seconds: number): Promise<void> {
    await this.#video.evaluate((element, time) => {
      (element as HTMLVideoElement).currentTime = time;
    }, seconds);
  }

  /** Waits until the picture at `seconds` is there and can go on. */
  async shows(seconds: number): Promise<void> {
    await expect
      .poll(
        async () => {
          const { seeking, readyState, currentTime } = await this.video();
          return !seeking && readyState >= 3 && currentTime >= seconds ? 'media' : { seeking, readyState, currentTime, engine: inShort((await this.snapshot()).engine) };
        },
        { message: `media at ${seconds} s`, timeout: 60_000 },
      )
      .toBe('media');
  }

  /** Waits until the seek bar shows a part of a sheet that is so wide, pixels. */
  async showsThumbnails(sheetWidth: number): Promise<void> {
    const seekBar = this.page.locator('media-time-range');
    // It shows itself while the pointer moves over it.
    await expect(async () => {
      await this.page.getByTestId('player').hover();
      await seekBar.hover();
      expect(await seekBar.getAttribute('mediapreviewimage', { timeout: 1_000 })).toContain('/picture/');
    }).toPass();
    await expect(this.page.locator('media-time-range media-preview-thumbnail img')).toHaveJSProperty('naturalWidth', sheetWidth);
  }

  async pause(): Promise<void> {
    await this.#video.evaluate((element) => (element as HTMLVideoElement).pause());
  }

  async play(): Promise<void> {
    await this.#video.evaluate((element) => (element as HTMLVideoElement).play());
  }

  async mute(): Promise<void> {
    await this.#video.evaluate((element) => void ((element as HTMLVideoElement).muted = true));
  }

  async answer(mode: P2pMode): Promise<void> {
    await this.notice.getByRole('button', { name: ANSWERS[mode], exact: true }).click();
  }

  async switchTo(mode: P2pMode): Promise<void> {
    await this.p2pSwitch.getByRole('radio', { name: SWITCH[mode], exact: true }).check();
  }
}
