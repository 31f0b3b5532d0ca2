/**
 * Time from the start of the navigation to the first frame on the screen: a viewer that joins a swarm, plain hls.js and
 * a viewer that is the first of its channel, in turn, in the same browser under the same conditions. Every one of them
 * comes with an empty cache.
 */
import type { Audience, BenchViewer, ViewerKind } from '../audience.ts';
import { atMost, median, pause, told, type Run, type RunOptions, type RunResult } from '../run.ts';
import { onStage } from '../stage.ts';

const SWARM = 'Swarm';
const ALONE = 'Alone';
const PLAIN = 'Beside';
const MEMBERS = 3;
const ROUNDS = 10;
const QUICK_ROUNDS = 3;
/** Members fetch ahead in their first seconds; newcomers are to find them in their stride. */
const SETTLE_MS = 6_000;
/** Between two visits: the one who left is gone from the swarm, and its process too. */
const BETWEEN_MS = 700;
const LONGEST_MS = 20_000;

type Way = 'swarm' | 'plain' | 'alone';
const WAYS: readonly Way[] = ['swarm', 'plain', 'alone'];
const VISITS: Readonly<Record<Way, { readonly kind: ViewerKind; readonly channel: string }>> = {
  swarm: { kind: 'tributary', channel: SWARM },
  plain: { kind: 'plain', channel: PLAIN },
  alone: { kind: 'tributary', channel: ALONE },
};

interface Visit {
  readonly firstFrameMs: number | null;
  /** Milliseconds since navigation: where the time went. */
  readonly steps: Readonly<Record<string, number | null>>;
  /** Everything loaded, in order: name, asked and there, milliseconds since navigation, bytes on the wire. */
  readonly loaded: readonly (readonly [string, number, number, number])[];
  readonly fromPeers: number;
  readonly fromSeeder: number;
}

export const firstFrame: Run = {
  name: 'first-frame',
  about: 'time to the first frame: joining a swarm, plain hls.js, and alone, in turn',
  measure: (options) => {
    const kind = 'vod';
    return onStage(options.clip, [{ title: SWARM, kind }, { title: ALONE, kind }, { title: PLAIN, kind }], async ({ openBrowser }) => {
      const { audience } = await openBrowser();
      return summarise(await visitAll(audience, options));
    });
  },
};

async function visitAll(audience: Audience, { isQuick, log }: RunOptions): Promise<Record<Way, Visit[]>> {
  const visits: Record<Way, Visit[]> = { swarm: [], plain: [], alone: [] };
  for (let member = 0; member < MEMBERS; member++) {
    const viewer = await audience.seat('tributary', `member${member + 1}`);
    await audience.watch(viewer, SWARM);
    await viewer.firstFrame(LONGEST_MS);
  }
  await pause(SETTLE_MS);
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS;
  log(`${rounds} rounds of three visits`);
  for (let round = 0; round <= rounds; round++) {
    // Each way comes first, second and third equally often.
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(round + turn) % WAYS.length]!;
      const visit = await visitOnce(audience, way);
      // The first round warms the browser and the server up.
      if (round > 0) visits[way].push(visit);
      await pause(BETWEEN_MS);
    }
  }
  return visits;
}

async function visitOnce(audience: Audience, way: Way): Promise<Visit> {
  const { kind, channel } = VISITS[way];
  const viewer = await audience.seat(kind, way);
  await audience.watch(viewer, channel);
  const firstFrameMs = await viewer.firstFrame(LONGEST_MS);
  const bytes = (await viewer.snapshot())?.engine?.bytes;
  const visit = { firstFrameMs, ...(await readSteps(viewer)), fromPeers: bytes?.fromPeers ?? 0, fromSeeder: bytes?.fromSeeder ?? 0 };
  await audience.leave(viewer);
  return visit;
}

/** From the browser's own record of what was loaded when. */
const readSteps = (viewer: BenchViewer): Promise<Pick<Visit, 'steps' | 'loaded'>> =>
  viewer.page.evaluate(() => {
    const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const media = loaded.filter(({ name }) => /\/\d+\.(?:m4s|ts)$/.test(name));
    return {
      steps: {
        pageLoaded: navigation?.responseEnd ?? null,
        firstPaint: performance.getEntriesByName('first-paint')[0]?.startTime ?? null,
        chunkAsked: media[0]?.startTime ?? null,
        chunkAnswered: media[0]?.responseStart ?? null,
        chunkLoaded: media[0]?.responseEnd ?? null,
      },
      loaded: loaded.map(({ name, startTime, responseEnd, encodedBodySize }) => {
        const file = new URL(name).pathname.split('/').at(-1) ?? name;
        return [file, Math.round(startTime), Math.round(responseEnd), encodedBodySize] as const;
      }),
    };
  });

function summarise(visits: Record<Way, Visit[]>): RunResult {
  const times = (way: Way): number[] => visits[way].flatMap(({ firstFrameMs }) => firstFrameMs ?? []);
  const [swarm, plain, alone] = WAYS.map((way) => median(times(way)));
  const ratio = (ms: number | null | undefined): number | null => (ms && plain ? ms / plain : null);
  const medians = `medians of ${visits.plain.length} visits: ${WAYS.map((way) => `${way} ${Math.round(median(times(way)) ?? NaN)} ms`).join(', ')}`;
  return {
    figures: [
      atMost(1.15, {
        name: 'first frame, joining a swarm / plain hls.js',
        floor: '',
        measured: ratio(swarm),
        unit: 'x',
        how: `Navigation start to the first video frame callback, visits in turn, each with an empty cache, ${MEMBERS} members in the swarm; ${medians}.`,
      }),
      told({ name: 'first frame, alone / plain hls.js', measured: ratio(alone), unit: 'x', how: 'The same for the first viewer of a channel.' }),
    ],
    details: visits,
    remarks: WAYS.map((way) => explain(way, visits[way])),
  };
}

function explain(way: Way, visits: readonly Visit[]): string {
  const steps = [...new Set(visits.flatMap((visit) => Object.keys(visit.steps)))].map((step) => {
    const ms = median(visits.flatMap((visit) => visit.steps[step] ?? []));
    return `${step} ${ms === null ? 'never' : Math.round(ms)}`;
  });
  const kilobytes = (of: 'fromPeers' | 'fromSeeder'): number => Math.round((median(visits.map((visit) => visit[of])) ?? 0) / 1000);
  const source = way === 'plain' ? '' : `; kB at the first frame: ${kilobytes('fromPeers')} from peers, ${kilobytes('fromSeeder')} from the seeder`;
  const frames = visits.map(({ firstFrameMs }) => (firstFrameMs === null ? 'none' : Math.round(firstFrameMs)));
  return `${way}: median ms of ${steps.join(', ')}${source}; first frames ${frames.join(' ')}`;
}
