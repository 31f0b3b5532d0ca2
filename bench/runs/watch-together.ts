/**
 * Several viewers watch one channel together, and two plain hls.js viewers watch the same clip beside them. What the
 * seeder sent, by its own count, is compared with one copy of what was watched. The clip is hosted twice, so that the
 * seeder counts the two kinds of viewers apart.
 */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import type { ChunkRecord } from '#protocol/record';
import type { Audience, BenchViewer } from '../audience.ts';
import type { BenchServer } from '../bench-server.ts';
import { ControlWindow } from '../control-window.ts';
import type { ProbeFigures } from '../playback-probe.ts';
import { atMost, median, pause, told, type Figure, type Run, type RunOptions, type RunResult } from '../run.ts';
import { explainExcess, shareSeeder, watchedChunks, type SeederShare, type ViewerTake } from '../seeder-share.ts';
import { onStage } from '../stage.ts';

export interface Gathering {
  readonly name: string;
  readonly about: string;
  readonly kind: 'vod' | 'live';
  readonly viewers: number;
  /** Between two viewers; 0 for all at once. */
  readonly apartMs: number;
  readonly targetCopies: number | null;
  /** Live: how long all of them watch together. */
  readonly liveMs?: number;
}

const OURS = 'Together';
const PLAIN = 'Beside';
const PLAIN_VIEWERS = 2;
/** After the last one has joined, links and buffers get this long before steady state begins. */
const SETTLE_MS = 8_000;
const SAMPLE_MS = 5_000;
const SLACK_MS = 60_000;
const MOST_BEHIND_MS = 6_500;
/** A decoder holds a few frames; with more than this in the buffer it does not wait for the network. */
const ENOUGH_MEDIA_SECONDS = 0.5;

interface Seen {
  readonly viewer: string;
  readonly probe: ProbeFigures;
  readonly snapshot: ViewerSnapshot | null;
  readonly behindMs: readonly number[];
}

export function watchTogether(gathering: Gathering): Run {
  return { name: gathering.name, about: gathering.about, measure: (options) => measure(gathering, options) };
}

async function measure(gathering: Gathering, options: RunOptions): Promise<RunResult> {
  const { kind } = gathering;
  return onStage(options.clip, [{ title: OURS, kind }, { title: PLAIN, kind }], async ({ server, openBrowser }) => {
    const { audience } = await openBrowser();
    return new Together(gathering, options, { server, audience }).measure();
  });
}

class Together {
  readonly #gathering: Gathering;
  readonly #options: RunOptions;
  readonly #server: BenchServer;
  readonly #audience: Audience;
  readonly #behind = new Map<BenchViewer, number[]>();
  readonly #records = new Map<number, ChunkRecord>();
  #control: ControlWindow | undefined;

  constructor(gathering: Gathering, options: RunOptions, parts: { server: BenchServer; audience: Audience }) {
    this.#gathering = gathering;
    this.#options = options;
    this.#server = parts.server;
    this.#audience = parts.audience;
  }

  async measure(): Promise<RunResult> {
    await this.#noteRecords();
    await this.#join();
    const hasAllEnded = this.#gathering.kind === 'vod' ? await this.#watchToTheEnd() : await this.#watchLive();
    return this.#gather(hasAllEnded);
  }

  get #ours(): BenchViewer[] {
    return this.#audience.viewers.filter(({ kind }) => kind === 'tributary');
  }

  async #join(): Promise<void> {
    const { viewers, apartMs } = this.#gathering;
    const pairs: BenchViewer[][] = [];
    for (let place = 0; place < viewers; place++) {
      const seats = [await this.#audience.seat('tributary', `v${place + 1}`)];
      // The plain ones come with an early and a late viewer of ours.
      if (place % Math.ceil(viewers / PLAIN_VIEWERS) === 1) seats.push(await this.#audience.seat('plain', `plain${place + 1}`));
      pairs.push(seats);
    }
    const watch = (viewer: BenchViewer): Promise<void> => this.#audience.watch(viewer, viewer.kind === 'plain' ? PLAIN : OURS);
    if (apartMs === 0) {
      await Promise.all(pairs.flat().map(watch));
      return;
    }
    const startedMs = performance.now();
    for (const [place, seats] of pairs.entries()) {
      await pause(Math.max(0, startedMs + place * apartMs - performance.now()));
      await Promise.all(seats.map(watch));
    }
  }

  async #watchToTheEnd(): Promise<boolean> {
    const seconds = [...this.#records.values()].reduce((sum, { durationUs }) => sum + durationUs / 1e6, 0);
    this.#options.log(`all viewers are there; the clip takes ${Math.round(seconds)} s`);
    const ends = await Promise.all(this.#audience.viewers.map((viewer) => viewer.ended(seconds * 1000 + SLACK_MS)));
    return ends.every(Boolean);
  }

  async #watchLive(): Promise<boolean> {
    const liveMs = (this.#gathering.liveMs ?? 60_000) / (this.#options.isQuick ? 2 : 1);
    const untilMs = performance.now() + liveMs;
    this.#options.log(`all viewers are there; watching for ${Math.round(liveMs / 1000)} s`);
    await pause(SETTLE_MS);
    const control = (this.#control = await ControlWindow.open(this.#ours));
    while (performance.now() < untilMs) {
      for (const viewer of this.#audience.viewers) {
        const behindMs = await viewer.behindMs();
        if (behindMs !== null) this.#behind.set(viewer, [...(this.#behind.get(viewer) ?? []), Math.round(behindMs)]);
      }
      await this.#noteRecords();
      await pause(Math.min(SAMPLE_MS, Math.max(0, untilMs - performance.now())));
    }
    await control.close();
    return true;
  }

  async #noteRecords(): Promise<void> {
    for (const record of await this.#server.records(OURS)) this.#records.set(record.index, record);
  }

  async #gather(hasAllEnded: boolean): Promise<RunResult> {
    const seen: Seen[] = [];
    const takes: ViewerTake[] = [];
    for (const viewer of this.#audience.viewers) {
      const snapshot = (await viewer.snapshot())?.engine ?? null;
      seen.push({ viewer: viewer.name, probe: await viewer.figures(), snapshot, behindMs: this.#behind.get(viewer) ?? [] });
      if (snapshot !== null) takes.push({ viewer: viewer.name, snapshot, requests: viewer.requests });
    }
    await this.#noteRecords();
    const seederBytes = await this.#server.metric('tributary_seeder_media_bytes_total', OURS);
    const plainBytes = await this.#server.metric('tributary_seeder_media_bytes_total', PLAIN);
    const watched = this.#gathering.kind === 'live' ? watchedChunks(takes) : null;
    const records = [...this.#records.values()].filter(({ index }) => watched?.has(index) ?? true).sort((a, b) => a.index - b.index);
    const share = shareSeeder(seederBytes, records, takes);
    const plainViewers = this.#audience.viewers.length - takes.length;
    const plainCopies = plainBytes / share.oneCopyBytes / plainViewers;
    return {
      figures: this.#figures(seen, share, { plainCopies, hasAllEnded }),
      stalls: countStalls(seen.filter(({ snapshot }) => snapshot !== null)),
      details: { share, plainBytes, plainViewers, plainCopiesEach: plainCopies, control: this.#control?.result ?? null, viewers: seen.map(summarise), requests: takes.flatMap(({ requests }) => requests) },
      remarks: [...explainExcess(share), ...explainStalls(seen), ...explainTotals(seen)],
    };
  }

  #figures(seen: readonly Seen[], share: SeederShare, { plainCopies, hasAllEnded }: { plainCopies: number; hasAllEnded: boolean }): Figure[] {
    const { name, kind, viewers, apartMs, targetCopies } = this.#gathering;
    const ours = seen.filter(({ snapshot }) => snapshot !== null);
    const plain = seen.filter(({ snapshot }) => snapshot === null);
    const when = apartMs === 0 ? 'at once' : `${apartMs / 1000} s apart`;
    const which = kind === 'vod' ? 'the clip' : 'the chunks any of them had';
    const copies = {
      name: `${name}: origin copies`,
      measured: hasAllEnded ? share.originCopies : null,
      how: `${viewers} Chromium viewers ${when}; media bytes by the seeder's own count (/metrics) over the bytes of ${which} (signed log). Plain hls.js beside them: ${plainCopies.toFixed(2)} copies for each viewer.`,
    };
    const ourStalls = countStalls(ours);
    const plainStalls = countStalls(plain);
    const first = median(ours.flatMap(({ probe }) => probe.firstFrameMs ?? []));
    const plainFirst = median(plain.flatMap(({ probe }) => probe.firstFrameMs ?? []));
    return [
      targetCopies === null ? told(copies) : atMost(targetCopies, { ...copies, floor: '1.00' }),
      atMost(0, {
        name: `${name}: stalls`,
        floor: '0',
        measured: ours.every(({ probe }) => probe.firstFrameMs !== null) ? ourStalls.count : null,
        digits: 0,
        how: `"waiting" events of the video elements after the first frame that no seek explains, ${Math.round(ourStalls.ms)} ms in all; ${ourStalls.withMedia} of them with media buffered, where the machine was late and not the chunks. Plain hls.js (${plain.length} viewers): ${plainStalls.count}, ${Math.round(plainStalls.ms)} ms, ${plainStalls.withMedia} with media buffered.`,
      }),
      told({ name: `${name}: first frame`, measured: first, unit: ' ms', digits: 0, how: `Median of these viewers, who start while others play; plain hls.js: ${Math.round(plainFirst ?? NaN)} ms. The row "first frame" is the fair comparison.` }),
      ...(kind === 'live' ? this.#liveFigures(ours, plain) : []),
    ];
  }

  #liveFigures(ours: readonly Seen[], plain: readonly Seen[]): Figure[] {
    const worst = (seen: readonly Seen[]): number => Math.max(...seen.flatMap(({ behindMs }) => median(behindMs) ?? NaN)) / 1000;
    const longest = Math.max(...ours.flatMap(({ behindMs }) => behindMs)) / 1000;
    const { name } = this.#gathering;
    return [
      atMost(MOST_BEHIND_MS / 1000, {
        name: `${name}: behind live`,
        floor: '',
        measured: worst(ours),
        unit: ' s',
        how: `Wall clock less the moment at which the media shown was on air, every ${SAMPLE_MS / 1000} s: the median of the viewer who was farthest behind; longest of all samples ${longest.toFixed(2)} s. Plain hls.js: ${worst(plain).toFixed(2)} s.`,
      }),
      ...(this.#control?.figures(name) ?? []),
    ];
  }
}

function countStalls(seen: readonly Seen[]): { count: number; ms: number; withMedia: number } {
  const stalls = seen.flatMap(({ probe }) => probe.stalls);
  const withMedia = stalls.filter(({ bufferedSeconds }) => bufferedSeconds > ENOUGH_MEDIA_SECONDS).length;
  return { count: stalls.length, ms: stalls.reduce((sum, { ms }) => sum + ms, 0), withMedia };
}

const explainStalls = (seen: readonly Seen[]): string[] =>
  seen.flatMap(({ viewer, probe }) =>
    probe.stalls.map(
      ({ atMs, mediaSeconds, ms, bufferedSeconds }) =>
        `${viewer} stalled ${Math.round(ms)} ms, ${(atMs / 1000).toFixed(2)} s after it opened, at media second ${mediaSeconds.toFixed(2)} with ${bufferedSeconds.toFixed(2)} s buffered`,
    ),
  );

const explainTotals = (seen: readonly Seen[]): string[] =>
  seen.flatMap(({ viewer, snapshot, probe }) => {
    if (snapshot === null) return [];
    const { fromPeers, fromSeeder, toPeers, wasted, control } = snapshot.bytes;
    const kilobytes = (bytes: number): number => Math.round(bytes / 1000);
    return [
      `${viewer}: first frame ${Math.round(probe.firstFrameMs ?? NaN)} ms, late ${Math.round(probe.lateMs ?? NaN)} ms, dropped frames ${probe.framesDropped}, seeks ${probe.seeks}; kB from peers ${kilobytes(fromPeers)}, from seeder ${kilobytes(fromSeeder)}, to peers ${kilobytes(toPeers)}, wasted ${kilobytes(wasted)}, control ${kilobytes(control)}; neighbours ${snapshot.neighbours.length}`,
    ];
  });

/** What is kept of a viewer in the JSON: the timeline is in the seeder's share already. */
function summarise({ viewer, probe, snapshot, behindMs }: Seen): unknown {
  return { viewer, probe, behindMs, engine: snapshot && { ...snapshot, timeline: undefined } };
}
