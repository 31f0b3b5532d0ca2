import { beforeEach, describe, expect, it } from 'vitest';
import { PlaybackWatch, type WatchedVideo } from './playback-watch.ts';

class ScriptedVideo extends EventTarget implements WatchedVideo {
  currentTime = 0;
  paused = false;
  seeking = false;
  ended = false;

  say(...types: string[]): void {
    for (const type of types) this.dispatchEvent(new Event(type));
  }
}

let video: ScriptedVideo;
let nowMs: number;
let watch: PlaybackWatch;

beforeEach(() => {
  video = new ScriptedVideo();
  nowMs = 1_000;
  watch = new PlaybackWatch(video, () => nowMs, 1_000);
});

const wait = (ms: number): void => void (nowMs += ms);

/** Plays from 1.3 s on. */
function start(): void {
  wait(300);
  video.say('playing');
}

describe('PlaybackWatch', () => {
  it('measures the time to the first frame from when watching was asked for', () => {
    expect(watch.figures().startupMs).toBeNull();
    start();
    expect(watch.figures().startupMs).toBe(300);
  });

  it('counts no stall while the first frame is awaited', () => {
    video.say('waiting');
    wait(5_000);
    expect(watch.figures()).toMatchObject({ stalls: 0, stalledMs: 0 });
  });

  it('counts a stall and its length, once, and what was watched around it', () => {
    start();
    wait(1_000);
    video.say('waiting', 'waiting');
    wait(400);
    expect(watch.figures()).toMatchObject({ stalls: 1, stalledMs: 400, isStalled: true });
    video.say('playing');
    wait(500);
    expect(watch.figures()).toMatchObject({ stalls: 1, stalledMs: 400, watchedMs: 1_500, isStalled: false });
  });

  it('ends a stall when time moves on without `playing`', () => {
    start();
    video.currentTime = 3;
    video.say('waiting');
    wait(200);
    video.say('timeupdate');
    wait(100);
    video.currentTime = 3.2;
    video.say('timeupdate');
    wait(1_000);
    expect(watch.figures()).toMatchObject({ stalls: 1, stalledMs: 300 });
  });

  it('ignores a seam that nobody sees', () => {
    start();
    video.say('waiting');
    wait(40);
    video.say('playing');
    expect(watch.figures()).toMatchObject({ stalls: 0, stalledMs: 0 });
  });

  it.each([
    ['a seek', () => { video.seeking = true; video.say('seeking', 'waiting'); video.seeking = false; video.say('seeked', 'waiting'); }],
    ['a pause', () => { video.paused = true; video.say('pause', 'waiting'); }],
    ['the end', () => { video.ended = true; video.say('ended', 'waiting'); }],
  ])('takes waiting because of %s for no stall', (_why, happen) => {
    start();
    happen();
    wait(5_000);
    expect(watch.figures()).toMatchObject({ stalls: 0, stalledMs: 0, watchedMs: 0 });
  });

  it('hears nothing after close', () => {
    start();
    watch.close();
    video.say('waiting');
    wait(5_000);
    expect(watch.figures()).toMatchObject({ stalls: 0, watchedMs: 0 });
  });
});
