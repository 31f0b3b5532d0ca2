/**
 * Looks at the `<video>` element of a page from outside the player, the same way for Tributary and for plain hls.js:
 * first frame, stalls, seeks, frames. Runs inside the page before any of its scripts, so it must not use anything from
 * outside its own function.
 */

export interface Stall {
  /** Since navigation. */
  readonly atMs: number;
  readonly mediaSeconds: number;
  readonly ms: number;
  /** Media in the element's buffer ahead of the playhead when it stalled: with some, the machine was late, not the chunks. */
  readonly bufferedSeconds: number;
}

export interface ProbeFigures {
  /** From the start of the navigation to the first frame given to the compositor while the element is on the page. */
  readonly firstFrameMs: number | null;
  /** `waiting` events after the first frame that no seek explains; the one going on now included. */
  readonly stalls: readonly Stall[];
  readonly seeks: number;
  readonly mediaSeconds: number;
  readonly framesShown: number;
  readonly framesDropped: number;
  readonly hasEnded: boolean;
  /** Wall clock from the first frame to the end beyond the media time between; null before the end. Finds what `waiting` misses. */
  readonly lateMs: number | null;
  readonly error: string | null;
  readonly nowMs: number;
}

export interface PlaybackProbe {
  readonly firstFrame: Promise<number>;
  readonly ended: Promise<void>;
  figures(): ProbeFigures;
}

declare global {
  // What installProbe puts on the page.
  var benchProbe: PlaybackProbe;
}

export function installProbe(): void {
  if (window !== window.top) return;
  const stalls: Stall[] = [];
  let video: HTMLVideoElement | undefined;
  let firstFrameMs: number | null = null;
  let firstMediaSeconds = 0;
  let endedMs: number | null = null;
  let seeks = 0;
  let isSeekPending = false;
  let waiting: Stall | undefined;
  let onFirstFrame: (ms: number) => void = () => undefined;
  let onEnded: () => void = () => undefined;
  const firstFrame = new Promise<number>((resolve) => (onFirstFrame = resolve));
  const ended = new Promise<void>((resolve) => (onEnded = resolve));

  const endStall = (): void => {
    if (waiting === undefined) return;
    stalls.push({ ...waiting, ms: performance.now() - waiting.atMs });
    waiting = undefined;
  };

  const bufferedAhead = ({ buffered, currentTime }: HTMLVideoElement): number => {
    for (let range = 0; range < buffered.length; range++) {
      if (buffered.start(range) <= currentTime && currentTime <= buffered.end(range)) return buffered.end(range) - currentTime;
    }
    return 0;
  };

  const watch = (element: HTMLVideoElement): void => {
    const look = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
      // A frame of an element that is not on the page yet is seen by nobody.
      if (element.isConnected && element.clientWidth > 0) {
        if (firstFrameMs !== null) return;
        video = element;
        firstFrameMs = performance.now();
        firstMediaSeconds = mediaTime;
        onFirstFrame(firstFrameMs);
      } else {
        element.requestVideoFrameCallback(look);
      }
    };
    element.requestVideoFrameCallback(look);
    const on = (type: string, run: () => void): void => {
      element.addEventListener(type, () => {
        if (element === (video ?? element)) run();
      });
    };
    on('waiting', () => {
      if (firstFrameMs === null || element.seeking || isSeekPending || element.paused || element.ended) return;
      waiting ??= { atMs: performance.now(), mediaSeconds: element.currentTime, ms: 0, bufferedSeconds: bufferedAhead(element) };
    });
    on('playing', () => {
      isSeekPending = false;
      endStall();
    });
    on('timeupdate', () => {
      if (waiting !== undefined && element.currentTime > waiting.mediaSeconds && element.readyState > 2) endStall();
    });
    on('seeking', () => {
      if (firstFrameMs !== null) seeks++;
      isSeekPending = true;
      endStall();
    });
    on('seeked', () => (isSeekPending = false));
    on('ended', () => {
      endStall();
      endedMs ??= performance.now();
      onEnded();
    });
  };

  // Both players' pages create their element by script.
  const page = document as { createElement: (name: string, options?: ElementCreationOptions) => HTMLElement };
  const create = page.createElement.bind(document);
  page.createElement = (name, options) => {
    const element = create(name, options);
    if (element instanceof HTMLVideoElement) watch(element);
    return element;
  };

  globalThis.benchProbe = {
    firstFrame,
    ended,
    figures: () => {
      const now = performance.now();
      const quality = video?.getVideoPlaybackQuality();
      const going = waiting === undefined ? [] : [{ ...waiting, ms: now - waiting.atMs }];
      return {
        firstFrameMs,
        stalls: [...stalls, ...going],
        seeks,
        mediaSeconds: video?.currentTime ?? 0,
        framesShown: (quality?.totalVideoFrames ?? 0) - (quality?.droppedVideoFrames ?? 0),
        framesDropped: quality?.droppedVideoFrames ?? 0,
        hasEnded: endedMs !== null,
        lateMs:
          endedMs === null || firstFrameMs === null || video === undefined
            ? null
            : endedMs - firstFrameMs - (video.currentTime - firstMediaSeconds) * 1000,
        error: video?.error?.message ?? null,
        nowMs: now,
      };
    },
  };
}
