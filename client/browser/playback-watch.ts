/**
 * What a viewer lived through, measured at the video element: time to the first frame, stalls and their length, time
 * watched. A stall is playback that stops by itself after the first frame; waiting because of a seek, a pause or the
 * end is none.
 */
import type { Cancel } from '#engine/ports';

/** Playback stops for a frame or two at a discontinuity or a seam; nobody sees that. */
const MIN_STALL_MS = 100;

export interface PlaybackFigures {
  /** Milliseconds from `startedMs` to the first frame; null before it. */
  readonly startupMs: number | null;
  readonly stalls: number;
  /** Milliseconds, the stall going on now included. */
  readonly stalledMs: number;
  /** Milliseconds of wall clock in which the picture moved. */
  readonly watchedMs: number;
  readonly isStalled: boolean;
}

/** The part of HTMLVideoElement that is watched. */
export interface WatchedVideo extends EventTarget {
  readonly currentTime: number;
  readonly paused: boolean;
  readonly seeking: boolean;
  readonly ended: boolean;
  requestVideoFrameCallback?: (run: () => void) => number;
}

export class PlaybackWatch {
  readonly #video: WatchedVideo;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  readonly #controller = new AbortController();
  #startupMs: number | null = null;
  #stalls = 0;
  #stalledMs = 0;
  #watchedMs = 0;
  #stallSinceMs: number | null = null;
  /** Since when the picture has been moving. */
  #movingSinceMs: number | null = null;
  #isSeekPending = false;

  /** @param startedMs when the viewer asked to watch, by `nowMs` */
  constructor(video: WatchedVideo, nowMs: () => number, startedMs: number) {
    this.#video = video;
    this.#nowMs = nowMs;
    this.#startedMs = startedMs;
    const on = (type: string, run: () => void): void => video.addEventListener(type, run, { signal: this.#controller.signal });
    on('playing', () => this.#moves());
    on('timeupdate', () => {
      // Some browsers resume without `playing`; time that moves without a seek is playback all the same.
      if (this.#stallSinceMs !== null && !video.seeking && !video.paused) this.#progressed();
    });
    on('waiting', () => this.#waits());
    on('seeking', () => {
      this.#isSeekPending = true;
      this.#endStall();
      this.#stops();
    });
    on('pause', () => {
      this.#endStall();
      this.#stops();
    });
    on('ended', () => {
      this.#endStall();
      this.#stops();
    });
    video.requestVideoFrameCallback?.(() => this.#firstFrame());
  }

  /** Whether a first frame has been shown. */
  get hasStarted(): boolean {
    return this.#startupMs !== null;
  }

  figures(): PlaybackFigures {
    const now = this.#nowMs();
    const stallMs = this.#stallSinceMs === null ? 0 : now - this.#stallSinceMs;
    const isStalled = stallMs >= MIN_STALL_MS;
    return {
      startupMs: this.#startupMs,
      stalls: this.#stalls + (isStalled ? 1 : 0),
      stalledMs: this.#stalledMs + (isStalled ? stallMs : 0),
      watchedMs: this.#watchedMs + (this.#movingSinceMs === null ? 0 : now - this.#movingSinceMs),
      isStalled,
    };
  }

  readonly close: Cancel = () => {
    this.#endStall();
    this.#stops();
    this.#controller.abort();
  };

  #firstFrame(): void {
    if (!this.#controller.signal.aborted) this.#startupMs ??= this.#nowMs() - this.#startedMs;
  }

  #moves(): void {
    this.#firstFrame();
    this.#isSeekPending = false;
    this.#endStall();
    if (!this.#video.paused) this.#movingSinceMs ??= this.#nowMs();
  }

  #stalledAt = 0;

  #progressed(): void {
    if (this.#video.currentTime > this.#stalledAt) this.#moves();
  }

  #waits(): void {
    const { paused, seeking, ended, currentTime } = this.#video;
    this.#stops();
    if (!this.hasStarted || paused || seeking || ended || this.#isSeekPending || this.#stallSinceMs !== null) return;
    this.#stalledAt = currentTime;
    this.#stallSinceMs = this.#nowMs();
  }

  #endStall(): void {
    if (this.#stallSinceMs === null) return;
    const ms = this.#nowMs() - this.#stallSinceMs;
    this.#stallSinceMs = null;
    if (ms < MIN_STALL_MS) return;
    this.#stalls++;
    this.#stalledMs += ms;
  }

  #stops(): void {
    if (this.#movingSinceMs === null) return;
    this.#watchedMs += this.#nowMs() - this.#movingSinceMs;
    this.#movingSinceMs = null;
  }
}
