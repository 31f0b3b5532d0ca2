import { describe, expect, it } from 'vitest';
import { chunkIndex } from '#protocol/ids';
import type { Hosted } from '#protocol/hosted';
import { NO_CHUNK, REJECT_REASON } from '#protocol/messages';
import { LoneEngine, STREAM, Film, type ScriptedNeighbour } from './testing/lone-engine.ts';

const HOST_FILL = 7;
const ALL = Array.from({ length: 10 }, (_, index) => index);

function hosted(changes: Partial<Hosted>, neighbour: ScriptedNeighbour | null): Hosted {
  return { state: 'on', floor: 'peers', peer: neighbour?.remote ?? null, ...changes };
}

/** A viewer whose host is a peer: met, or only named. */
function viewerOf(floor: Hosted['floor'], isMet = true): { lone: LoneEngine; host: ScriptedNeighbour } {
  const lone = new LoneEngine({ hosted: { state: 'on', floor, peer: null } });
  lone.start();
  const host = lone.connect(HOST_FILL);
  if (!isMet) host.close();
  lone.tracker?.onHosted?.(hosted({ floor }, host));
  if (isMet) lone.greet(host, ALL);
  return { lone, host };
}

const piecesAsked = (neighbour: ScriptedNeighbour, chunk: number): number =>
  neighbour.of('request').filter((request) => request.chunk === chunkIndex(chunk)).reduce((sum, { count }) => sum + count, 0);

describe('U-7: a viewer of a channel that only its host has', () => {
  it('asks the host where it would have asked the seeder, and the seeder for nothing', () => {
    const { lone, host } = viewerOf('peers');
    lone.clock.advance(2_000);
    expect(piecesAsked(host, 0)).toBe(3);
    expect(lone.asks).toEqual([]);
  });

  it('asks a viewer that holds it and leaves the host in peace', () => {
    const { lone } = viewerOf('peers', false);
    const other = lone.meet(9, ALL);
    const host = lone.meet(HOST_FILL, ALL);
    lone.clock.advance(200);
    expect(piecesAsked(other, 0) + piecesAsked(other, 1)).toBeGreaterThan(0);
    expect(piecesAsked(host, 0)).toBe(0);
  });

  it('gives the host time for what it was asked, instead of asking twice', () => {
    const { lone, host } = viewerOf('peers');
    lone.clock.advance(3_500);
    expect(piecesAsked(host, 0)).toBe(3);
    expect(host.of('cancel')).toEqual([]);
  });

  it('waits while the host is away, says so, and goes on when it is back under another id', () => {
    const { lone, host } = viewerOf('peers', false);
    lone.engine.getChunk(STREAM, chunkIndex(0), { onDone: () => undefined, onFailed: () => undefined });
    lone.tracker?.onHosted?.(hosted({ state: 'away' }, null));
    lone.clock.advance(5_000);
    expect(lone.asks).toEqual([]);
    expect(lone.engine.snapshot().notice).toBe('hostAway');
    lone.tracker?.onHosted?.(hosted({}, host));
    lone.clock.advance(200);
    expect(lone.dialed).toContain(host.remote);
    const again = lone.connect(HOST_FILL);
    lone.greet(again, ALL);
    lone.clock.advance(200);
    expect(piecesAsked(again, 0)).toBe(3);
    expect(lone.engine.snapshot().notice).toBeNull();
  });
});

describe('a viewer of a channel that host and server both have', () => {
  it('takes from the host what it brings in time, from the server what it does not have yet', () => {
    const { lone, host } = viewerOf('server', false);
    const met = lone.connect(HOST_FILL);
    lone.greet(met, [1, 2, 3]);
    lone.clock.advance(300);
    expect(host.of('request')).toEqual([]);
    expect(lone.asks.map(({ chunk }) => chunk)).toContain(0);
    lone.answerOrigin();
    lone.clock.advance(3_000);
    expect(piecesAsked(met, 1)).toBeGreaterThan(0);
  });
});

describe('a host', () => {
  const own = (): { lone: LoneEngine; film: Film } => {
    const film = new Film(4);
    const lone = new LoneEngine({ film, role: 'host' });
    lone.start();
    return { lone, film };
  };

  it('announces what it holds and serves it, and fetches nothing', () => {
    const { lone, film } = own();
    const viewer = lone.meet(9, [0, 1, 2, 3]);
    film.bytes.forEach((bytes, index) => lone.stored.set(index, bytes));
    lone.engine.hold(film.entries[0]!);
    lone.clock.advance(500);
    expect(viewer.of('have').flatMap(({ held }) => held)).toEqual([0]);
    viewer.say({ name: 'request', stream: STREAM, chunk: chunkIndex(0), first: 0, count: 3, deadlineMs: 1000 });
    lone.clock.advance(100);
    expect(viewer.of('piece').map(({ piece }) => piece)).toEqual([0, 1, 2]);
    lone.clock.advance(5_000);
    expect([viewer.of('request'), viewer.of('getRecords'), lone.asks]).toEqual([[], [], []]);
    expect(viewer.of('bufferMap').every(({ playhead }) => playhead === NO_CHUNK)).toBe(true);
  });

  it('makes a chunk that is not at hand, once, and serves it when it is there', () => {
    const { lone, film } = own();
    const viewer = lone.meet(9, []);
    const loading: { readonly chunk: number; readonly done: (isThere: boolean) => void }[] = [];
    lone.load = (chunk, done) => void loading.push({ chunk, done });
    lone.engine.hold(film.entries[1]!);
    viewer.say({ name: 'request', stream: STREAM, chunk: chunkIndex(1), first: 0, count: 3, deadlineMs: 1000 });
    lone.clock.advance(300);
    expect(viewer.of('piece')).toEqual([]);
    expect(loading.map(({ chunk }) => chunk)).toContain(1);
    lone.stored.set(1, film.bytes[1]!);
    for (const { done } of loading.splice(0)) done(true);
    expect(viewer.of('piece')).toHaveLength(3);
  });

  it('says that it does not have what cannot be made any more', () => {
    const { lone, film } = own();
    const viewer = lone.meet(9, []);
    lone.load = (_chunk, done) => void lone.clock.after(0, () => done(false));
    lone.engine.hold(film.entries[1]!);
    viewer.say({ name: 'request', stream: STREAM, chunk: chunkIndex(1), first: 0, count: 1, deadlineMs: 1000 });
    lone.clock.advance(100);
    expect(viewer.of('reject')).toMatchObject([{ reason: REJECT_REASON.notHeld }]);
  });
});

it('U-7: a peer that the tracker names is a neighbour like any other in what it may send', () => {
  const { lone, host } = viewerOf('peers');
  lone.clock.advance(300);
  const wrong = lone.film.piece(0, 0);
  if (wrong.name !== 'piece') throw new Error('no piece');
  host.say({ ...wrong, data: wrong.data.map((byte) => byte ^ 1) });
  lone.clock.advance(100);
  expect(host.isClosed).toBe(true);
  expect(lone.engine.snapshot().neighbours.map(({ peer }) => peer)).toEqual([]);
});
