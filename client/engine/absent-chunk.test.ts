import { describe, expect, it } from 'vitest';
import { Film, LoneEngine } from './testing/lone-engine.ts';

const LOST = 1;

/** A live stream whose host went between a chunk's record and its bytes: the seeder has all but that one. */
function withLostChunk(): LoneEngine {
  const film = new Film(6);
  const { description } = film;
  Object.assign(film, { description: { ...description, kind: 'live', windowChunks: 6, streams: description.streams.map((stream) => ({ ...stream, durationsUs: [] })) } });
  const lone = new LoneEngine({ film, mode: 'off' });
  lone.start();
  return lone;
}

/** The chunks that the seeder is asked for in that time, each answered at once. */
function askedWithin(lone: LoneEngine, ms: number): Set<number> {
  const asked = new Set<number>();
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    lone.clock.advance(50);
    for (const ask of lone.asks) asked.add(ask.chunk);
    for (const ask of lone.asks.filter(({ chunk }) => chunk === LOST)) ask.transfer.onFailed('gone');
    lone.asks.splice(0, lone.asks.length, ...lone.asks.filter(({ chunk }) => chunk !== LOST));
    lone.answerOrigin();
  }
  return asked;
}

describe('a chunk of a live stream that the seeder does not have', () => {
  it('keeps no other from being fetched', () => {
    expect(askedWithin(withLostChunk(), 400)).toEqual(new Set([0, LOST, 2, 3, 4, 5]));
  });

  it('is asked for again after a second: it may have been on its way', () => {
    const lone = withLostChunk();
    askedWithin(lone, 400);
    expect(askedWithin(lone, 500)).toEqual(new Set());
    expect(askedWithin(lone, 500)).toEqual(new Set([LOST]));
  });
});
