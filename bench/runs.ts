/** Every run by its name, in the order they are made when none is named. */
import type { Run } from './run.ts';
import { browserCpu } from './runs/browser-cpu.ts';
import { firstFrame } from './runs/first-frame.ts';
import { hostLive } from './runs/host-live.ts';
import { hostStart } from './runs/host-start.ts';
import { linkGoodput } from './runs/link-goodput.ts';
import { liveMemory } from './runs/live-memory.ts';
import { packaging } from './runs/packaging.ts';
import { watchTogether } from './runs/watch-together.ts';

export const RUNS: readonly Run[] = [
  watchTogether({
    name: 'vod-staggered',
    about: 'VoD, 8 viewers 2 s apart, watched to the end',
    kind: 'vod',
    viewers: 8,
    apartMs: 2_000,
    targetCopies: 1.1,
  }),
  watchTogether({
    name: 'vod-at-once',
    about: 'VoD, 10 viewers at once, watched to the end',
    kind: 'vod',
    viewers: 10,
    apartMs: 0,
    targetCopies: 1.3,
  }),
  watchTogether({
    name: 'live-staggered',
    about: 'live, 8 viewers 2 s apart, a minute together; control bytes too',
    kind: 'live',
    viewers: 8,
    apartMs: 2_000,
    targetCopies: 1.25,
    liveMs: 60_000,
  }),
  watchTogether({
    name: 'live-at-once',
    about: 'live, 10 viewers at once, half a minute together',
    kind: 'live',
    viewers: 10,
    apartMs: 0,
    targetCopies: null,
    liveMs: 40_000,
  }),
  firstFrame,
  linkGoodput,
  browserCpu,
  liveMemory,
  hostLive({ name: 'host-live-close', chunkMs: 1000, option: 0, targetMs: 2_500 }),
  hostLive({ name: 'host-live-calm', chunkMs: 2000, option: 1, targetMs: 4_000 }),
  hostStart,
  packaging,
];
