import { describe, expect, it } from 'vitest';
import { chunkIndex } from '#protocol/ids';
import { Film, LoneEngine, STREAM } from './testing/lone-engine.ts';

/** Chunks of 2 s in 16 pieces, played as they come. */
const film = (): Film => new Film(4, 16 * 16_384, true);

const ignore = { onDone: () => undefined, onFailed: () => undefined };

/** Bytes asked of the seeder for a chunk so far. */
const asked = (lone: LoneEngine, chunk: number): number =>
  lone.asks.filter((ask) => ask.chunk === chunk).reduce((sum, { firstByte, lastByte }) => sum + lastByte + 1 - firstByte, 0);

describe('a viewer without a picture yet', () => {
  it('asks for the whole chunk in whose middle it begins, and gives the one after it its time', () => {
    const lone = new LoneEngine({ film: film() });
    lone.start({ mediaUs: 700_000, hasStarted: false });
    lone.engine.getChunk(STREAM, chunkIndex(0), ignore);
    lone.clock.advance(50);
    expect(asked(lone, 0)).toBe(16 * 16_384);
    lone.answerOrigin();
    lone.engine.getChunk(STREAM, chunkIndex(1), ignore);
    lone.clock.advance(50);
    expect(asked(lone, 1)).toBe(0);
  });

  it('asks for more at once when the host was late from the start', () => {
    const inTime = new LoneEngine({ film: film() });
    const late = new LoneEngine({ film: film(), lateMs: 1_000 });
    for (const lone of [inTime, late]) {
      lone.start({ hasStarted: false });
      lone.engine.getChunk(STREAM, chunkIndex(0), ignore);
      lone.clock.advance(50);
    }
    expect(asked(inTime, 0)).toBeLessThan(10 * 16_384);
    expect(asked(late, 0)).toBe(16 * 16_384);
  });
});
