/**
 * The scenarios that have names. The first four are those of the browser benchmark, so that both can be held against
 * each other; the others are the targets of the roadmap.
 */
import { everybody, SimulatorError, type Scenario } from '../scenario.ts';
import { FILMS, type Film } from '../trace.ts';
import { HOMES, INTERNET, LAN, SIXTY_MS } from './networks.ts';

const BENCH: Omit<Scenario, 'name' | 'summary' | 'kind' | 'peers' | 'arrivals' | 'durationSeconds' | 'channelSeconds'> = {
  chunkSeconds: 2,
  bitsPerSecond: 1.1e6,
  liveOffsetChunks: 3,
  classes: everybody(400e6, 400e6),
  network: LAN,
  originUpBytesPerSecond: 125e6,
  originThinkMs: 2,
  churnPerMinute: 0,
  leaveWhenFinished: false,
  faults: [],
  settings: {},
  policies: {},
  offsetPolicy: 'fixed',
  film: null,
};

const LIVE_STEADY: Scenario = {
  ...BENCH,
  name: 'live-steady',
  summary: 'live, 1000 viewers come over 20 s and stay; 60 ms round trips, 5 Mbit/s up, 1 Mbit/s stream in 1 s chunks',
  kind: 'live',
  peers: 1000,
  arrivals: { kind: 'flash', overMs: 20_000 },
  durationSeconds: 120,
  chunkSeconds: 1,
  bitsPerSecond: 1e6,
  channelSeconds: 60,
  classes: everybody(5e6, 50e6),
  network: SIXTY_MS,
};

const VOD_TWO_MINUTES: Scenario = {
  ...LIVE_STEADY,
  name: 'vod-steady',
  summary: 'on demand, 200 viewers by chance, 5 a second, of a two-minute film; 60 ms round trips, 5 Mbit/s up',
  kind: 'vod',
  peers: 200,
  arrivals: { kind: 'poisson', perSecond: 5 },
  durationSeconds: 200,
  chunkSeconds: 2,
  channelSeconds: 120,
};

function small(name: string, peers: number, like: Scenario): Scenario {
  return { ...like, name, peers, summary: `as ${like.name}, with ${peers} viewers` };
}

/** Viewers of a film of 2007 for so long, in the bitrate of its time. */
function traced(name: string, film: Film, durationSeconds: number): Scenario {
  const perSecond = 1 / film.arrivalGapSeconds;
  return {
    ...VOD_TWO_MINUTES,
    name,
    summary: `on demand, viewers of a film of ${film.lengthSeconds} s who come, jump and leave as in the SIGCOMM 2008 trace; 400 kbit/s`,
    peers: Math.round(durationSeconds * perSecond),
    arrivals: { kind: 'poisson', perSecond },
    durationSeconds,
    bitsPerSecond: 400e3,
    channelSeconds: film.lengthSeconds,
    leaveWhenFinished: true,
    film,
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    ...BENCH,
    name: 'vod-staggered-8',
    summary: '60 s on demand, 8 viewers 2 s apart on one machine, watched to the end (as in bench/)',
    kind: 'vod',
    peers: 8,
    arrivals: { kind: 'staggered', everyMs: 2000 },
    durationSeconds: 85,
    channelSeconds: 60,
  },
  {
    ...BENCH,
    name: 'vod-at-once-10',
    summary: '60 s on demand, 10 viewers at once on one machine, watched to the end (as in bench/)',
    kind: 'vod',
    peers: 10,
    arrivals: { kind: 'at-once' },
    durationSeconds: 70,
    channelSeconds: 60,
  },
  {
    ...BENCH,
    name: 'live-staggered-8',
    summary: 'live about 6 s behind, 8 viewers 2 s apart on one machine (as in bench/)',
    kind: 'live',
    peers: 8,
    arrivals: { kind: 'staggered', everyMs: 2000 },
    durationSeconds: 75,
    channelSeconds: 60,
  },
  {
    ...BENCH,
    name: 'live-at-once-10',
    summary: 'live about 6 s behind, 10 viewers at once on one machine (as in bench/)',
    kind: 'live',
    peers: 10,
    arrivals: { kind: 'at-once' },
    durationSeconds: 60,
    channelSeconds: 60,
  },
  LIVE_STEADY,
  small('live-10', 10, LIVE_STEADY),
  small('live-50', 50, LIVE_STEADY),
  small('vod-10', 10, VOD_TWO_MINUTES),
  small('vod-50', 50, VOD_TWO_MINUTES),
  {
    ...LIVE_STEADY,
    name: 'ten-thousand',
    summary: 'as live-steady, 10,000 viewers come over 20 s, for a minute',
    peers: 10_000,
    durationSeconds: 60,
  },
  {
    ...LIVE_STEADY,
    name: 'lag-pull',
    summary: 'as live-steady with pull, everybody 2.9 s and a chunk behind the source',
    liveOffsetChunks: 2.9,
    offsetPolicy: 'lag',
    policies: { delivery: 'pull' },
  },
  {
    ...LIVE_STEADY,
    name: 'lag-push',
    summary: 'as live-steady with push, everybody 1.1 s and a chunk behind the source',
    liveOffsetChunks: 1.1,
    offsetPolicy: 'lag',
    settings: { urgentSteadyMs: 250, urgentFloorMs: 250 },
    policies: { delivery: 'push' },
  },
  {
    ...LIVE_STEADY,
    name: 'bitrate-change',
    summary: 'as live-steady with 100 viewers, and the stream has twice the bitrate after half a minute',
    peers: 100,
    durationSeconds: 60,
    faults: [{ atSeconds: 30, kind: 'scaleBitrate', factor: 2 }],
  },
  traced('vod-trace-1', FILMS.first, 900),
  traced('vod-trace', FILMS.second, 600),
  traced('vod-trace-3', FILMS.third, 900),
  {
    ...LIVE_STEADY,
    name: 'live-churn',
    summary: 'as live-steady, and 10 % of the viewers are replaced each minute, half of them without a goodbye',
    churnPerMinute: 0.1,
  },
  {
    ...LIVE_STEADY,
    name: 'flash-crowd',
    summary: 'live, from nobody to 1000 viewers in 10 s',
    arrivals: { kind: 'flash', overMs: 10_000 },
    durationSeconds: 60,
  },
  {
    ...LIVE_STEADY,
    name: 'upload-poor',
    summary: 'live, 1000 viewers who together can upload half of what they watch',
    classes: everybody(0.5e6, 50e6),
  },
  {
    ...LIVE_STEADY,
    name: 'live-internet',
    summary: 'live, 300 viewers in five regions with home uplinks, NATs and loss; 2.5 Mbit/s in 2 s chunks',
    peers: 300,
    chunkSeconds: 2,
    bitsPerSecond: 2.5e6,
    classes: HOMES,
    network: INTERNET,
    durationSeconds: 90,
  },
  VOD_TWO_MINUTES,
  {
    ...VOD_TWO_MINUTES,
    name: 'servers-lost',
    summary: 'on demand, 100 viewers of a one-minute film within 65 s; seeder and tracker are gone for good after 70 s',
    peers: 100,
    // The first have the whole film when it happens, and keep the page open.
    arrivals: { kind: 'flash', overMs: 65_000 },
    channelSeconds: 60,
    durationSeconds: 135,
    faults: [
      { atSeconds: 70, kind: 'killOrigin' },
      { atSeconds: 70, kind: 'killTracker' },
    ],
  },
  {
    ...LIVE_STEADY,
    name: 'bad-company',
    summary: 'live, 100 viewers, of whom one in five lies, is mute, drips or only takes; 5 % vanish and 10 % freeze on the way',
    peers: 100,
    durationSeconds: 90,
    classes: [
      { name: 'honest', share: 0.8, upBytesPerSecond: 5e6 / 8, downBytesPerSecond: 50e6 / 8 },
      { name: 'liars', share: 0.05, upBytesPerSecond: 5e6 / 8, downBytesPerSecond: 50e6 / 8, behaviour: 'liar' },
      { name: 'mute', share: 0.05, upBytesPerSecond: 5e6 / 8, downBytesPerSecond: 50e6 / 8, behaviour: 'mute' },
      { name: 'drips', share: 0.05, upBytesPerSecond: 5e6 / 8, downBytesPerSecond: 50e6 / 8, behaviour: 'drip' },
      { name: 'free riders', share: 0.05, upBytesPerSecond: 5e6 / 8, downBytesPerSecond: 50e6 / 8, behaviour: 'freeRider' },
    ],
    faults: [
      { atSeconds: 40, kind: 'killPeers', share: 0.05 },
      { atSeconds: 50, kind: 'freezePeers', share: 0.1, forSeconds: 20 },
      { atSeconds: 60, kind: 'scaleUplinks', factor: 0.5 },
    ],
  },
];

/** @throws SimulatorError when there is none of that name. */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found) {
    throw new SimulatorError(`There is no scenario "${name}"; there are ${SCENARIOS.map((one) => one.name).join(', ')}.`);
  }
  return found;
}
