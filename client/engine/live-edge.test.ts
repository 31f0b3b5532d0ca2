import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#protocol/seeded-random';
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { LiveEdge } from './live-edge.ts';
import type { LogKeeper } from './log-keeper.ts';
import { ManualClock } from './testing/lone-engine.ts';

const STREAM = 0 as StreamId;
const LOOK_MS = 50;

/** When the seeder is asked for the newest entries by a viewer that knows some and learns of no more, ms. */
function asksWithin(ms: number, isTold: boolean): number[] {
  const clock = new ManualClock();
  const asks: number[] = [];
  const known = { head: 9 as ChunkIndex, consecutive: () => Array.from({ length: 10 }), record: () => ({ durationUs: 2_000_000 }) };
  const log = {
    get: () => known,
    ensure: () => undefined,
    askNewest: () => asks.push(clock.nowMs()) > 0,
  } as unknown as LogKeeper;
  const edge = new LiveEdge({ clock, log, random: new SeededRandom('edge'), neighbours: () => [], isTold: () => isTold });
  for (let at = 0; at < ms; at += LOOK_MS) {
    clock.advance(LOOK_MS);
    edge.follow([STREAM]);
  }
  return asks;
}

describe('the edge of a live stream', () => {
  it('is asked for when it is due, and every half a second from then on, by who hears nothing', () => {
    const [first, second] = asksWithin(4_000, false);
    expect(first).toBeLessThanOrEqual(2_100);
    expect(second! - first!).toBeLessThanOrEqual(600);
  });

  it('is left to those who tell of it for a chunk longer', () => {
    expect(asksWithin(3_900, true)).toEqual([]);
    expect(asksWithin(6_000, true)).not.toEqual([]);
  });
});
