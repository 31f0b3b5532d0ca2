import type { FragmentLoaderContext, HlsConfig, LoaderCallbacks, LoaderConfiguration, LoaderContext, LoaderStats, PlaylistLoaderContext } from 'hls.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { StillClock } from '#engine/testing/dialer.contract';
import type { ChunkListener, Engine } from '#engine/engine-api';
import type { ChannelDescription, StreamDescription } from '#protocol/description';
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { ChunkRecord } from '#protocol/record';
import { createHlsLoaders, type HlsLoaders } from './hls-loaders.ts';
import { MediaHeaders } from './media-headers.ts';
import { makeRecord } from './testing/entries.ts';

const describeChannel = (kind: 'vod' | 'live', changes: Partial<StreamDescription> = {}): ChannelDescription => ({
  version: 1, publicKey: 'A'.repeat(44), title: 'A channel', kind, pieceBytes: 16_384, windowChunks: kind === 'live' ? 10 : 0,
  streams: [{
    id: 1, kind: 'muxed', codecs: 'avc1.64001f,mp4a.40.2', bandwidth: 1_000_000, averageBandwidth: 900_000, width: 640, height: 360,
    frameRate: 25, language: '', name: '', init: 'AQIDBA==', extension: 'm4s', targetDurationSeconds: 2,
    durationsUs: kind === 'vod' ? [2_000_000, 2_000_000, 1_000_000] : [], ...changes,
  }],
});

/** An engine that holds what the test gives it. */
class ScriptedEngine implements Pick<Engine, 'getChunk' | 'records' | 'onRecords'> {
  readonly known: ChunkRecord[] = [];
  readonly asked: { readonly stream: StreamId; readonly chunk: ChunkIndex; readonly listener: ChunkListener; isCancelled: boolean }[] = [];
  readonly #listeners = new Set<(stream: StreamId) => void>();

  getChunk(stream: StreamId, chunk: ChunkIndex, listener: ChunkListener): () => void {
    const ask = { stream, chunk, listener, isCancelled: false };
    this.asked.push(ask);
    return () => (ask.isCancelled = true);
  }

  records(): readonly ChunkRecord[] {
    return this.known;
  }

  onRecords(listener: (stream: StreamId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  learn(index: number, changes: Partial<ChunkRecord> = {}): void {
    const record = { ...makeRecord(index), ...changes };
    this.known.push(record);
    for (const listener of [...this.#listeners]) listener(record.stream);
  }
}

interface Answer {
  readonly data: unknown;
  readonly stats: LoaderStats;
}

interface Load {
  /** Undefined until there is one. */
  readonly answer: () => Answer | undefined;
  readonly error: () => number | undefined;
  readonly parts: readonly Uint8Array[];
  abort(): void;
  readonly aborts: () => number;
}

const CONFIG = {} as HlsConfig;
const BASE = 'http://server/channels/x';

async function load(loaders: HlsLoaders, kind: 'fLoader' | 'pLoader', path: string, isProgressive = false): Promise<Load> {
  const loader = new loaders[kind](CONFIG);
  let answer: Answer | undefined;
  let error: number | undefined;
  let aborts = 0;
  const parts: Uint8Array[] = [];
  const callbacks: LoaderCallbacks<LoaderContext> = {
    onSuccess: (response, stats) => (answer = { data: response.data, stats }),
    onError: ({ code }) => (error = code),
    onTimeout: () => (error = -1),
    onAbort: () => aborts++,
    ...(isProgressive ? { onProgress: (_stats, _context, data) => void parts.push(new Uint8Array(data as ArrayBuffer)) } : {}),
  };
  loader.load({ url: BASE + path, responseType: '' } as FragmentLoaderContext & PlaylistLoaderContext, {} as LoaderConfiguration, callbacks);
  expect(answer, 'not from inside load()').toBeUndefined();
  await Promise.resolve();
  return { answer: () => answer, error: () => error, parts, abort: () => loader.abort(), aborts: () => aborts };
}

let engine: ScriptedEngine;
let clock: StillClock;
let isHungry: boolean;
let isHidden: boolean;
let readAgain: () => Promise<ChannelDescription | undefined>;
const create = (kind: 'vod' | 'live', changes: Partial<StreamDescription> = {}): HlsLoaders => {
  const headers = new MediaHeaders({ description: describeChannel(kind, changes), clock, readAgain: () => readAgain() });
  return createHlsLoaders({ engine, description: describeChannel(kind), headers, clock, wantsParts: () => isHungry, isHidden: () => isHidden });
};

beforeEach(() => {
  engine = new ScriptedEngine();
  clock = new StillClock();
  isHungry = false;
  isHidden = false;
  readAgain = () => Promise.resolve(undefined);
});

describe('the playlist loader', () => {
  it('answers the master and a closed playlist from the description alone', async () => {
    const loaders = create('vod');
    expect((await load(loaders, 'pLoader', '/master.m3u8')).answer()?.data).toContain('1/playlist.m3u8');
    const playlist = (await load(loaders, 'pLoader', '/1/playlist.m3u8')).answer()?.data as string;
    expect(playlist.match(/\.m4s/g)).toHaveLength(3);
    expect(playlist).toContain('#EXT-X-ENDLIST');
  });

  it('waits for a live stream\'s first records, and until no newer one follows at once', async () => {
    const first = await load(create('live'), 'pLoader', '/1/playlist.m3u8');
    expect(first.answer()).toBeUndefined();
    engine.learn(5);
    engine.learn(6);
    expect(first.answer()).toBeUndefined();
    clock.move(100);
    expect(first.answer()?.data).toContain('6.m4s');
  });

  it('D-5: shows chunks behind a discontinuity once the description tells of their header', async () => {
    const changed: Partial<StreamDescription> = { init: 'BQYHCA==', initFrom: 1, earlierInits: [{ from: 0, init: 'AQIDBA==' }] };
    const answers: (ChannelDescription | undefined)[] = [undefined, describeChannel('live', changed)];
    let questions = 0;
    readAgain = () => Promise.resolve(answers[questions++]);
    const loaders = create('live', { initFrom: 0 });
    engine.learn(5);
    engine.learn(6, { discontinuitySequence: 1 });
    const first = await load(loaders, 'pLoader', '/1/playlist.m3u8');
    clock.move(100);
    expect(first.answer()?.data).not.toContain('6.m4s');
    const next = await load(loaders, 'pLoader', '/1/playlist.m3u8');
    clock.move(900);
    await Promise.resolve();
    clock.move(1);
    expect(next.answer()?.data).toContain('#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-1.mp4"\n');
    expect(next.answer()?.data).toMatch(/#EXT-X-MAP:URI="init.mp4"[^]*5\.m4s[^]*6\.m4s/);
    const headers = await Promise.all(['/1/init.mp4', '/1/init-1.mp4'].map((name) => load(loaders, 'fLoader', name)));
    expect(headers.map(({ answer }) => [...new Uint8Array(answer()!.data as ArrayBuffer)])).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]);
    engine.learn(7, { discontinuitySequence: 1 });
    await load(loaders, 'pLoader', '/1/playlist.m3u8');
    expect(questions, 'read again once for each discontinuity').toBe(2);
  });

  it('asks for no description again where one header is for all chunks', async () => {
    readAgain = () => Promise.reject(new Error('asked'));
    const loaders = create('live');
    engine.learn(5);
    engine.learn(6, { discontinuitySequence: 1 });
    const first = await load(loaders, 'pLoader', '/1/playlist.m3u8');
    clock.move(100);
    expect(first.answer()?.data).toContain('6.m4s');
  });

  it('has the next question due at once in a hidden page, whose timers come late', async () => {
    // hls.js asks a target duration after `start`; it reckons the live edge by `first`, which stays when the record came.
    const datedBackMs = async (): Promise<number> => {
      const answered = await load(create('live'), 'pLoader', '/1/playlist.m3u8');
      clock.move(100);
      const { start, first } = answered.answer()!.stats.loading;
      return first - start;
    };
    engine.learn(5);
    expect(await datedBackMs()).toBe(0);
    isHidden = true;
    expect(await datedBackMs()).toBeCloseTo(2_000, 3);
  });

  it('holds the next question until a new record comes', async () => {
    const loaders = create('live');
    engine.learn(5);
    const first = await load(loaders, 'pLoader', '/1/playlist.m3u8');
    clock.move(100);
    expect(first.answer()).toBeDefined();
    const second = await load(loaders, 'pLoader', '/1/playlist.m3u8');
    expect(second.answer()).toBeUndefined();
    engine.learn(6);
    expect(second.answer()?.data).toContain('6.m4s');
  });

  it('answers with what it has after half a chunk\'s time', async () => {
    const loaders = create('live');
    engine.learn(5);
    await load(loaders, 'pLoader', '/1/playlist.m3u8');
    clock.move(100);
    const second = await load(loaders, 'pLoader', '/1/playlist.m3u8');
    clock.move(999);
    expect(second.answer()).toBeUndefined();
    clock.move(1);
    expect(second.answer()?.data).toContain('5.m4s');
  });

  it('answers nothing after it was aborted', async () => {
    const waiting = await load(create('live'), 'pLoader', '/1/playlist.m3u8');
    waiting.abort();
    engine.learn(5);
    clock.move(5_000);
    expect([waiting.answer(), waiting.aborts()]).toEqual([undefined, 1]);
  });

  it('refuses a stream the channel does not have', async () => {
    expect((await load(create('vod'), 'pLoader', '/9/playlist.m3u8')).error()).toBe(404);
  });
});

describe('the fragment loader', () => {
  const deliver = (bytes: Uint8Array<ArrayBuffer>, fetchMs = 100): void =>
    engine.asked.at(-1)!.listener.onDone({ bytes, fromPeers: bytes.length, fromSeeder: 0, fetchMs });

  it('answers the media header from the description', async () => {
    const answer = (await load(create('vod'), 'fLoader', '/1/init.mp4')).answer();
    expect(new Uint8Array(answer?.data as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(engine.asked).toEqual([]);
  });

  it('asks the engine for the chunk and hands its bytes on', async () => {
    const fragment = await load(create('vod'), 'fLoader', '/1/2.m4s');
    expect(engine.asked.map(({ stream, chunk }) => [stream, chunk])).toEqual([[1, 2]]);
    const bytes = new Uint8Array(50_000);
    deliver(bytes);
    expect(fragment.answer()?.data).toBe(bytes.buffer);
  });

  it('reports the fetch\'s own time, and for a held chunk the rate measured last', async () => {
    const loaders = create('vod');
    const first = await load(loaders, 'fLoader', '/1/0.m4s');
    deliver(new Uint8Array(100_000), 200);
    const second = await load(loaders, 'fLoader', '/1/1.m4s');
    deliver(new Uint8Array(50_000), 0);
    const tookMs = (answer: Answer | undefined): number => Math.round(answer!.stats.loading.end - answer!.stats.loading.start);
    expect(tookMs(first.answer())).toBe(200);
    expect(tookMs(second.answer())).toBe(100);
  });

  it('hands over parts in order, then the rest, when the player is short of media', async () => {
    isHungry = true;
    const fragment = await load(create('vod'), 'fLoader', '/1/0.m4s', true);
    engine.asked[0]!.listener.onPart?.(Uint8Array.of(1, 2));
    deliver(Uint8Array.of(1, 2, 3, 4));
    expect(fragment.parts.flatMap((part) => [...part])).toEqual([1, 2, 3, 4]);
    expect(fragment.answer()).toBeDefined();
  });

  it('hands over the whole at once when it is not', async () => {
    const fragment = await load(create('vod'), 'fLoader', '/1/0.m4s', true);
    engine.asked[0]!.listener.onPart?.(Uint8Array.of(1, 2));
    deliver(Uint8Array.of(1, 2, 3, 4));
    expect(fragment.parts).toHaveLength(1);
  });

  it('hands over the parts that are here when it becomes short of media in the middle of a chunk', async () => {
    const fragment = await load(create('vod'), 'fLoader', '/1/0.m4s', true);
    engine.asked[0]!.listener.onPart?.(Uint8Array.of(1));
    engine.asked[0]!.listener.onPart?.(Uint8Array.of(2));
    clock.move(1_000);
    expect(fragment.parts).toEqual([]);
    isHungry = true;
    clock.move(100);
    expect(fragment.parts.flatMap((part) => [...part])).toEqual([1, 2]);
    deliver(Uint8Array.of(1, 2, 3, 4));
    expect(fragment.parts.flatMap((part) => [...part])).toEqual([1, 2, 3, 4]);
    clock.move(1_000);
    expect(fragment.parts).toHaveLength(3);
  });

  it('cancels at the engine when hls.js aborts, and says so once', async () => {
    const fragment = await load(create('vod'), 'fLoader', '/1/0.m4s');
    fragment.abort();
    fragment.abort();
    deliver(new Uint8Array(10));
    expect([engine.asked[0]!.isCancelled, fragment.aborts(), fragment.answer()]).toEqual([true, 1, undefined]);
  });

  it('fails with 410 for what is gone', async () => {
    const fragment = await load(create('live'), 'fLoader', '/1/0.m4s');
    engine.asked[0]!.listener.onFailed('gone');
    expect(fragment.error()).toBe(410);
  });
});
