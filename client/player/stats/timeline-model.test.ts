// The timeline: every chunk in its place and filled by its sources, whatever the engine lists.
import { chunkIndex, streamId } from '#protocol/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk } from '../testing/scripted-viewer.ts';
import { modelTimeline, sourceOf } from './timeline-model.ts';

describe('sourceOf', () => {
  it.each([
    ['missing', chunk(0)],
    ['dropped', chunk(0, { state: 'dropped', bytesFromPeers: 9 })],
    ['peers', chunk(0, { state: 'held', bytesFromPeers: 9 })],
    ['seeder', chunk(0, { state: 'fetching', bytesFromSeeder: 9 })],
    ['mixed', chunk(0, { state: 'held', bytesFromPeers: 9, bytesFromSeeder: 9 })],
  ] as const)('%s', (source, one) => expect(sourceOf(one)).toBe(source));
});

describe('modelTimeline', () => {
  it('has nothing to draw without chunks', () => expect(modelTimeline([], 0)).toBeNull());

  it('places chunks by time and the playhead among them', () => {
    const timeline = modelTimeline([chunk(5), chunk(4), chunk(6, { durationUs: 4e6 })], 10e6)!;
    expect(timeline.rows[0]!.cells.map(({ index, start, width }) => [index, start, width])).toEqual([[4, 0, 0.25], [5, 0.25, 0.25], [6, 0.5, 0.5]]);
    expect(timeline.playhead).toBe(0.25);
    expect(modelTimeline([chunk(5)], 0)!.playhead).toBeNull();
  });

  it('fills a chunk by its sources, and one on its way only so far', () => {
    const [held, onItsWay] = modelTimeline(
      [
        chunk(0, { state: 'held', bytes: 100, bytesFromPeers: 75, bytesFromSeeder: 25 }),
        chunk(1, { state: 'fetching', bytes: 100, bytesFromPeers: 40 }),
      ],
      0,
    )!.rows[0]!.cells;
    expect(held).toMatchObject({ fromPeers: 0.75, fromSeeder: 0.25 });
    expect(onItsWay).toMatchObject({ fromPeers: 0.4, fromSeeder: 0 });
  });

  it('draws one row a stream', () => {
    const audio = chunk(0, { stream: streamId(1) });
    expect(modelTimeline([audio, chunk(0), chunk(1)], 0)!.rows.map(({ stream, cells }) => [stream, cells.length])).toEqual([[0, 2], [1, 1]]);
  });

  it('of a long film shows the part around the playhead', () => {
    const film = Array.from({ length: 2_000 }, (_, at) => chunk(at));
    const at = (playheadUs: number) => {
      const { cells } = modelTimeline(film, playheadUs)!.rows[0]!;
      return [cells[0]!.index, cells.at(-1)!.index];
    };
    expect([at(0), at(2_000e6), at(3_999e6), at(1e12)]).toEqual([[0, 89], [970, 1_059], [1_910, 1_999], [1_910, 1_999]]);
  });

  it('keeps every cell inside the picture and fills none beyond its top', () => {
    const amount = fc.integer({ min: 0, max: 1e6 });
    const chunks = fc.array(
      fc.record({
        stream: fc.integer({ min: 0, max: 3 }).map(streamId), index: fc.integer({ min: 0, max: 500 }).map(chunkIndex), startUs: fc.integer({ min: 0, max: 1e9 }),
        durationUs: fc.integer({ min: 1, max: 1e7 }), state: fc.constantFrom('missing', 'fetching', 'held', 'dropped'),
        bytes: amount, bytesFromPeers: amount, bytesFromSeeder: amount,
      }),
      { minLength: 1, maxLength: 300 },
    );
    fc.assert(
      fc.property(chunks, fc.integer({ min: 0, max: 1e9 }), (list, playheadUs) => {
        for (const cell of modelTimeline(list, playheadUs)!.rows.flatMap(({ cells }) => cells)) {
          expect(cell.start).toBeGreaterThanOrEqual(0);
          expect(cell.start + cell.width).toBeLessThanOrEqual(1 + 1e-9);
          expect(cell.fromPeers + cell.fromSeeder).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
