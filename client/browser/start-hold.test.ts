import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '#engine/ports';
import { StartHold } from './start-hold.ts';

/** As much of a video element as is looked at, with `ahead` seconds buffered from its start on. */
class ScriptedVideo extends EventTarget {
  currentTime = 0;
  duration = 60;
  playbackRate = 1;
  ahead = 0;

  get buffered(): Pick<TimeRanges, 'length' | 'start' | 'end'> {
    return { length: 1, start: () => 0, end: () => this.ahead };
  }
}

let video: ScriptedVideo;
let nowMs: number;
let timers: { atMs: number; run: () => void }[];
let begun: number;
let supplyMs: number;
let hold: StartHold;

const clock: Clock = {
  nowMs: () => nowMs,
  after: (ms, run) => {
    const timer = { atMs: nowMs + ms, run };
    timers.push(timer);
    return () => void (timers = timers.filter((other) => other !== timer));
  },
};

function pass(ms: number): void {
  for (const untilMs = nowMs + ms; ; ) {
    const next = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
    nowMs = next?.atMs ?? untilMs;
    if (next === undefined) return;
    timers = timers.filter((other) => other !== next);
    next.run();
  }
}

/** The first `ahead` seconds are buffered. */
function load(ahead: number): void {
  video.ahead = ahead;
  video.dispatchEvent(new Event('loadeddata'));
}

beforeEach(() => {
  video = new ScriptedVideo();
  nowMs = 0;
  timers = [];
  begun = 0;
  supplyMs = 0;
  hold = new StartHold({ video: video as unknown as HTMLVideoElement, clock, supplyMs: () => supplyMs, onOver: () => begun++ });
});

describe('holding the start', () => {
  it('does not happen where the seeder is quick', () => {
    load(0.4);
    expect([hold.isHolding, video.playbackRate, begun]).toEqual([false, 1, 1]);
  });

  it('lasts until what is ahead outlasts the next answer', () => {
    supplyMs = 1_500;
    load(0.4);
    pass(500);
    expect([hold.isHolding, video.playbackRate, begun]).toEqual([true, 0, 0]);
    video.ahead = 1.6;
    pass(50);
    expect([hold.isHolding, video.playbackRate, begun]).toEqual([false, 1, 1]);
  });

  it('ends when less is needed than was thought', () => {
    supplyMs = 1_500;
    load(0.8);
    supplyMs = 700;
    pass(50);
    expect(hold.isHolding).toBe(false);
  });

  it('does not wait for what comes after the end', () => {
    video.duration = 1.1;
    supplyMs = 1_500;
    load(1);
    expect(hold.isHolding).toBe(false);
  });

  it('is over after four seconds whatever comes', () => {
    supplyMs = 9_000;
    load(0.4);
    pass(3_900);
    expect(video.playbackRate).toBe(0);
    pass(150);
    expect([video.playbackRate, begun]).toEqual([1, 1]);
  });

  it('leaves alone a rate that somebody chose meanwhile', () => {
    supplyMs = 1_500;
    load(0.4);
    video.playbackRate = 1.5;
    video.ahead = 2;
    pass(50);
    expect(video.playbackRate).toBe(1.5);
  });

  it('lets go when it is closed, and does nothing before the first picture', () => {
    supplyMs = 1_500;
    load(0.4);
    hold.close();
    pass(9_000);
    expect([hold.isHolding, video.playbackRate, begun, timers.length]).toEqual([false, 1, 0, 0]);
  });
});
