import { describe, expect, it } from 'vitest';
import type { ChunkIndex } from '#protocol/ids';
import { PIECE_BYTES } from '#protocol/limits';
import { PendingChunk } from './pending-chunk.ts';
import { Shortage } from './shortage.ts';
import { STREAM } from './testing/lone-engine.ts';

const PIECES = 8;

/** A chunk of which so many pieces were lacking. */
function chunk(lacked: number): PendingChunk {
  const record = { stream: STREAM, index: 1 as ChunkIndex, startUs: 0, durationUs: 1e6, bytes: PIECES * PIECE_BYTES, root: new Uint8Array(32), mediaSequence: 1, discontinuitySequence: 0, onAirMs: 1 };
  const one = new PendingChunk(record, new Uint8Array(32 * PIECES), 0);
  for (let piece = 0; piece < lacked; piece++) one.lacked.set(piece);
  return one;
}

describe('Shortage', () => {
  it('is none where a piece comes late now and then', () => {
    const shortage = new Shortage();
    for (let at = 0; at < 40; at++) shortage.onComplete(chunk(at % 4 === 0 ? 1 : 0));
    expect(shortage.share).toBe(0);
  });

  it('fetches nearly what was lacking, and forgets it when neighbours bring it again', () => {
    const shortage = new Shortage();
    for (let at = 0; at < 40; at++) shortage.onComplete(chunk(4));
    expect(shortage.share).toBeGreaterThan(0.35);
    expect(shortage.share).toBeLessThan(0.5);
    // From now on nothing lacks but what is fetched in any case: the pieces whose lot is low enough.
    const lotOf = (at: number, piece: number): number => ((at * PIECES + piece) * 0.618034) % 1;
    for (let at = 0; at < 200; at++) shortage.onComplete(chunk(Array.from({ length: PIECES }, (_, piece) => lotOf(at, piece)).filter((lot) => lot < shortage.share).length));
    expect(shortage.share).toBe(0);
  });
});
