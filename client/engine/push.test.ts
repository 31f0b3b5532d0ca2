import { describe, expect, it } from 'vitest';
import type { ChunkIndex } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { FEATURE } from '#protocol/messages';
import { ChunkLibrary } from './chunk-library.ts';
import { Forwarder } from './forwarder.ts';
import { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { isHome, SUBSTREAMS } from './policy/substreams.ts';
import { defaultSettings } from './settings.ts';
import { Subscriptions } from './subscriptions.ts';
import { ManualClock, ScriptedNeighbour, STREAM } from './testing/lone-engine.ts';
import { Uploader } from './uploader.ts';

/** One piece for each substream. */
const CHUNK_BYTES = SUBSTREAMS * PIECE_BYTES;
const PLENTY_MS = 5_000;

interface BenchOptions {
  readonly isByDistance?: boolean;
}

class Bench {
  readonly clock = new ManualClock();
  head: ChunkIndex | null = null;
  readonly library = new ChunkLibrary({ put: () => undefined, get: () => undefined, delete: () => undefined });
  readonly neighbours: Neighbour[] = [];
  readonly subscriptions: Subscriptions;
  readonly uploader = new Uploader({ clock: this.clock, settings: defaultSettings, lag: { ms: 0 }, library: this.library, neighbours: () => this.neighbours, allowance: () => Infinity, onSent: () => undefined });
  readonly forwarder = new Forwarder({ settings: defaultSettings, library: this.library, uploader: this.uploader, selfHash: SELF_HASH, slackMs: () => PLENTY_MS });

  constructor({ isByDistance = false }: BenchOptions = {}) {
    this.subscriptions = new Subscriptions({ clock: this.clock, isEnabled: () => true, isByDistance: isByDistance, neighbours: () => this.neighbours, isChild: (...which) => this.forwarder.sends(...which), hasChildren: (...which) => this.forwarder.sendsAny(...which), headOf: () => this.head });
    this.uploader.setEnabled(true);
  }

  meet(fill: number, features: number = FEATURE.push | FEATURE.uploads): { neighbour: Neighbour; heard: ScriptedNeighbour } {
    const heard = new ScriptedNeighbour(fill);
    const neighbour = new Neighbour(heard, this.clock.nowMs());
    neighbour.state = 'active';
    neighbour.features = features;
    this.neighbours.push(neighbour);
    return { neighbour, heard };
  }

  chunk(index: number): PendingChunk {
    const record = { stream: STREAM, index: index as ChunkIndex, startUs: index * 1e6, durationUs: 1e6, bytes: CHUNK_BYTES, root: new Uint8Array(32), mediaSequence: index, discontinuitySequence: 0, onAirMs: 1 };
    return this.library.open(record, new Uint8Array(32 * SUBSTREAMS), this.clock.nowMs());
  }

  verify(chunk: PendingChunk, piece: number): void {
    chunk.store(piece, new Uint8Array(PIECE_BYTES), 'peer');
    this.forwarder.onVerified(chunk, piece);
  }
}

/** This peer's own hash, at home in substream 3 and not in 2. */
const SELF_HASH = Array.from({ length: 64 }, (_, hash) => hash).find((hash) => isHome(hash, 3))!;

const ask = (substream: number, from = 0): Parameters<Forwarder['onSubscribe']>[1] => ({ stream: STREAM, substream, of: SUBSTREAMS, from: from as ChunkIndex });

/** The neighbour holds piece 3 of the chunk, and brings it on request. */
function bringsThird(bench: Bench, neighbour: Neighbour, index: number): void {
  const chunk = bench.chunk(index);
  neighbour.stream(STREAM).gets(chunk.index, 3, SUBSTREAMS);
  bench.subscriptions.onPiece(neighbour, chunk, 3, true);
}

describe('a child', () => {
  it('S-1: subscribes to whoever brought a piece on request and pushes, from the next chunk on', () => {
    const bench = new Bench();
    const [silent, parent] = [bench.meet(7, FEATURE.uploads), bench.meet(8)];
    for (const { neighbour } of [silent, parent]) bringsThird(bench, neighbour, 4);
    expect(silent.heard.of('subscribe')).toEqual([]);
    expect(parent.heard.of('subscribe')).toMatchObject([{ substream: 3, of: SUBSTREAMS, from: 5 }]);
    expect(bench.subscriptions.shareOf(STREAM)).toBe(1 / SUBSTREAMS);
  });

  it('prefers a parent that passes the substream on to many', () => {
    const bench = new Bench();
    const met = Array.from({ length: 12 }, (_, at) => bench.meet(8 + at));
    for (const { neighbour } of met) neighbour.stream(STREAM).gets(4 as ChunkIndex, 3, SUBSTREAMS);
    bench.subscriptions.onPiece(met[0]!.neighbour, bench.chunk(4), 3, true);
    const chosen = met.filter(({ heard }) => heard.of('subscribe').length > 0);
    expect(chosen.map(({ neighbour }) => isHome(neighbour.hash, 3))).toEqual([true]);
  });

  it('seeks a parent when the seeder had to help out, but not among its children, nor for what it feeds itself', () => {
    const bench = new Bench();
    const [child, other] = [bench.meet(8), bench.meet(9)];
    bench.forwarder.onSubscribe(child.neighbour, ask(3));
    const four = bench.chunk(4);
    bench.subscriptions.leave(four, 3);
    bench.subscriptions.onSeeder(four, 3);
    expect(other.heard.of('subscribe')).toEqual([]);
    bench.subscriptions.onSeeder(bench.chunk(5), 3);
    expect([child, other].map(({ heard }) => heard.of('subscribe').length)).toEqual([0, 1]);
  });

  it('waits for what a parent sends, not for long, and not when time is short', () => {
    const bench = new Bench();
    bringsThird(bench, bench.meet(8).neighbour, 4);
    const next = bench.chunk(5);
    expect(bench.subscriptions.expects(next, 3, PLENTY_MS)).toBe(true);
    expect(bench.subscriptions.expects(next, 2, PLENTY_MS)).toBe(false);
    expect(bench.subscriptions.expects(bench.chunk(4), 3, PLENTY_MS)).toBe(false);
    bench.clock.advance(2_000);
    expect(bench.subscriptions.expects(next, 3, PLENTY_MS)).toBe(false);
    expect(bench.subscriptions.expects(bench.chunk(6), 3, PLENTY_MS)).toBe(true);
    expect(bench.subscriptions.expects(bench.chunk(6), 3, 100)).toBe(false);
  });

  it('leaves a parent that misses two chunks, and forgives one', () => {
    const bench = new Bench();
    const { neighbour, heard } = bench.meet(8);
    const late = (index: number): void => {
      const chunk = bench.chunk(index);
      bench.clock.advance(2_000);
      bench.subscriptions.expects(chunk, 3, PLENTY_MS);
      bench.subscriptions.expects(chunk, 3, PLENTY_MS);
    };
    bringsThird(bench, neighbour, 4);
    late(5);
    bench.subscriptions.onPiece(neighbour, bench.chunk(6), 3, false);
    late(7);
    expect(heard.of('unsubscribe')).toEqual([]);
    late(8);
    expect(heard.of('unsubscribe')).toMatchObject([{ substream: 3 }]);
  });

  it('takes what a parent sends for granted, also what crosses the end of a subscription, but not for long', () => {
    const bench = new Bench();
    const { neighbour } = bench.meet(8);
    const covers = (index: number, piece: number): boolean => bench.subscriptions.covers(neighbour, STREAM, index as ChunkIndex, piece, SUBSTREAMS);
    bringsThird(bench, neighbour, 4);
    expect([covers(4, 3), covers(5, 2), covers(5, 3)]).toEqual([false, false, true]);
    bench.subscriptions.leave(bench.chunk(5), 3);
    expect(covers(5, 3)).toBe(true);
    bench.clock.advance(10_000);
    expect(covers(5, 3)).toBe(false);
  });

  it('S-4: does not wait for a parent that says no, and does not ask it again at once', () => {
    const bench = new Bench();
    const { neighbour, heard } = bench.meet(8);
    bringsThird(bench, neighbour, 4);
    bench.subscriptions.onUnsubscribe(neighbour, ask(3));
    expect(bench.subscriptions.expects(bench.chunk(5), 3, PLENTY_MS)).toBe(false);
    bringsThird(bench, neighbour, 5);
    expect(heard.of('subscribe')).toHaveLength(1);
    bench.clock.advance(10_000);
    bringsThird(bench, neighbour, 6);
    expect(heard.of('subscribe')).toHaveLength(2);
  });
});

describe('a child that looks at distance', () => {
  /** A far parent in substream 3 as of chunk 5, and a neighbour that is so near. */
  function withFarParent(nearMs: number, options: BenchOptions = { isByDistance: true }) {
    const bench = new Bench(options);
    const far = bench.meet(8);
    const near = bench.meet(9);
    far.neighbour.distanceMs = 150;
    near.neighbour.distanceMs = nearMs;
    bringsThird(bench, far.neighbour, 4);
    bench.head = 6 as ChunkIndex;
    const pushes = (from: typeof far, index: number): void => bench.subscriptions.onPiece(from.neighbour, bench.chunk(index), 3, false);
    const covers = (from: typeof far, index: number): boolean => bench.subscriptions.covers(from.neighbour, STREAM, index as ChunkIndex, 3, SUBSTREAMS);
    return { bench, far, near, pushes, covers };
  }

  it('lets a near neighbour take over from the chunk on that nobody has heard of, and the far one finish', () => {
    const { bench, far, near, pushes, covers } = withFarParent(40);
    pushes(far, 5);
    expect(near.heard.of('subscribe')).toMatchObject([{ substream: 3, from: 7 }]);
    expect(far.heard.of('unsubscribe')).toEqual([]);
    expect([covers(far, 6), covers(near, 6)]).toEqual([true, false]);
    expect(bench.subscriptions.expects(bench.chunk(7), 3, PLENTY_MS)).toBe(true);
    expect(far.heard.of('unsubscribe')).toMatchObject([{ substream: 3 }]);
    expect(covers(near, 7)).toBe(true);
    expect(bench.subscriptions.expects(bench.chunk(6), 3, PLENTY_MS)).toBe(true);
    pushes(near, 7);
    expect(bench.subscriptions.shareOf(STREAM)).toBe(1 / SUBSTREAMS);
  });

  it('stays with the far one where the near one has no place, and does not ask again at once', () => {
    const { bench, far, near, pushes } = withFarParent(40);
    pushes(far, 5);
    bench.subscriptions.onUnsubscribe(near.neighbour, ask(3));
    bench.clock.advance(10_000);
    pushes(far, 6);
    expect(near.heard.of('subscribe')).toHaveLength(1);
    expect(far.heard.of('unsubscribe')).toEqual([]);
    expect(bench.subscriptions.expects(bench.chunk(7), 3, PLENTY_MS)).toBe(true);
    bench.clock.advance(60_000);
    pushes(far, 8);
    expect(near.heard.of('subscribe')).toHaveLength(2);
  });

  it('stays with the far one where the near one goes', () => {
    const { bench, far, near, pushes } = withFarParent(40);
    pushes(far, 5);
    bench.subscriptions.drop(near.neighbour);
    expect(bench.subscriptions.expects(bench.chunk(7), 3, PLENTY_MS)).toBe(true);
    expect(far.heard.of('unsubscribe')).toEqual([]);
  });

  it.each([
    ['goes', (bench: Bench, far: Neighbour) => bench.subscriptions.drop(far)],
    ['sends no longer', (bench: Bench, far: Neighbour) => bench.subscriptions.onUnsubscribe(far, ask(3))],
  ])('has the near one as parent at once where the far one %s meanwhile', (_name, end) => {
    const { bench, far, near, pushes, covers } = withFarParent(40);
    pushes(far, 5);
    end(bench, far.neighbour);
    expect(bench.subscriptions.shareOf(STREAM)).toBe(1 / SUBSTREAMS);
    expect([covers(near, 6), covers(near, 7)]).toEqual([false, true]);
  });

  it('with children takes only one that had the piece first, who cannot be below it', () => {
    const { bench, far, near, pushes } = withFarParent(40);
    bench.forwarder.onSubscribe(bench.meet(10).neighbour, ask(3));
    pushes(far, 5);
    expect(near.heard.of('subscribe')).toEqual([]);
    near.neighbour.stream(STREAM).gets(6 as ChunkIndex, 3, SUBSTREAMS);
    pushes(far, 6);
    expect(near.heard.of('subscribe')).toHaveLength(1);
  });

  it.each([
    ['the neighbour is not much nearer', 120, { isByDistance: true }],
    ['distance does not count', 40, {}],
  ])('changes nothing where %s', (_name, nearMs, options) => {
    const { far, near, pushes } = withFarParent(nearMs, options);
    pushes(far, 5);
    expect(near.heard.of('subscribe')).toEqual([]);
  });
});

describe('a parent', () => {
  const sent = (heard: ScriptedNeighbour): [number, number][] => heard.of('piece').map(({ chunk, piece }) => [chunk, piece]);

  it('S-3: sends each verified piece of the substream from that chunk on, those it has already too', () => {
    const bench = new Bench();
    const { neighbour, heard } = bench.meet(8);
    const [four, five] = [bench.chunk(4), bench.chunk(5)];
    bench.verify(five, 3);
    bench.forwarder.onSubscribe(neighbour, ask(3, 5));
    for (const piece of [2, 3]) bench.verify(four, piece);
    for (const piece of [2, 4]) bench.verify(five, piece);
    bench.verify(bench.chunk(6), 3);
    expect(sent(heard)).toEqual([[5, 3], [6, 3]]);
  });

  it('S-3: sends nothing that the child holds, and nothing after the end', () => {
    const bench = new Bench();
    const { neighbour, heard } = bench.meet(8);
    bench.forwarder.onSubscribe(neighbour, ask(3));
    neighbour.stream(STREAM).updatePieces(4 as ChunkIndex, new Uint8Array([0b0001_0000]), SUBSTREAMS);
    bench.verify(bench.chunk(4), 3);
    bench.forwarder.onUnsubscribe(neighbour, ask(3));
    bench.verify(bench.chunk(5), 3);
    expect(sent(heard)).toEqual([]);
  });

  it('takes no more children than its share, most of them where it is at home, and gives one up where a link is congested', () => {
    const bench = new Bench();
    const places = Math.floor(defaultSettings.pushRatio * SUBSTREAMS);
    const strangers = Array.from({ length: 4 }, (_, at) => bench.meet(10 + at));
    for (const { neighbour } of strangers) bench.forwarder.onSubscribe(neighbour, ask(2));
    expect(strangers.map(({ heard }) => heard.of('unsubscribe').length)).toEqual([0, 0, 0, 1]);
    for (const { neighbour } of strangers) bench.forwarder.drop(neighbour);
    const children = Array.from({ length: places + 1 }, (_, at) => bench.meet(20 + at));
    for (const { neighbour } of children) bench.forwarder.onSubscribe(neighbour, ask(3));
    expect(children.map(({ heard }) => heard.of('unsubscribe').length)).toEqual([...Array.from({ length: places }, () => 0), 1]);
    children[2]!.heard.isCongested = true;
    bench.forwarder.review(10_000);
    expect(children[2]!.heard.of('unsubscribe')).toHaveLength(1);
    bench.verify(bench.chunk(4), 3);
    expect(children.filter(({ heard }) => heard.of('piece').length > 0)).toHaveLength(places - 1);
  });
});
