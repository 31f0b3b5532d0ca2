import { describe, expect, it } from 'vitest';
import type { ChunkIndex } from '#protocol/ids';
import type { Message } from '#protocol/messages';
import { Film, LoneEngine, STREAM, type ScriptedNeighbour } from './testing/lone-engine.ts';

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const FILM = new Film(10);
/** Longer than any news waits. */
const A_WHILE_MS = 1_000;

const heldNews = (neighbour: ScriptedNeighbour): number[] => neighbour.of('have').flatMap((have) => [...have.held]);
const pieces = (chunk: number, bits: number): Message => ({ name: 'havePieces', stream: STREAM, chunk: chunk as ChunkIndex, bits: new Uint8Array([bits]) });

/** An engine that has asked `giver` for a chunk, and gets its pieces one after the other. */
function fetching(): { world: LoneEngine; giver: ScriptedNeighbour; chunk: number; give: (piece: number) => void } {
  const world = new LoneEngine({ film: FILM });
  const giverHolds = ALL.slice(1);
  world.start();
  const giver = world.meet(7, giverHolds);
  world.clock.advance(100);
  const { chunk } = giver.of('request').find(({ count }) => count === 3)!;
  return { world, giver, chunk, give: (piece) => giver.say(FILM.piece(chunk, piece)) };
}

describe('what a peer announces', () => {
  it('goes at once to whoever lacks it, and later to whoever holds it already', () => {
    const { world, giver, chunk, give } = fetching();
    const lacking = world.meet(8, []);
    for (const piece of [0, 1, 2]) give(piece);
    world.clock.advance(100);
    expect(heldNews(lacking)).toEqual([chunk]);
    expect(heldNews(giver)).toEqual([]);
    world.clock.advance(A_WHILE_MS);
    expect(heldNews(giver)).toEqual([chunk]);
    expect(heldNews(lacking)).toEqual([chunk]);
  });

  it('A-6: are the pieces of a chunk in progress, unless the neighbour has them all', () => {
    const { world, giver, chunk, give } = fetching();
    const [without, same, other] = [world.meet(8, []), world.meet(9, []), world.meet(10, [])];
    same.say(pieces(chunk, 0b1000_0000));
    other.say(pieces(chunk, 0b0100_0000));
    give(0);
    world.clock.advance(100);
    const bits = (one: ScriptedNeighbour): number[][] => one.of('havePieces').map((message) => [...message.bits]);
    expect([without, other].map(bits)).toEqual([[[0x80]], [[0x80]]]);
    expect([same, giver].map(bits)).toEqual([[], []]);
  });
});

describe('a neighbour that talks', () => {
  it('is not asked whether it lives with every turn, and one that is silent is', () => {
    const world = new LoneEngine({ film: FILM });
    world.start();
    const [talking, silent] = [world.meet(7, ALL), world.meet(8, ALL)];
    for (let second = 0; second < 6; second++) {
      talking.say({ name: 'have', stream: STREAM, playhead: second as ChunkIndex, held: [], dropped: [] });
      world.clock.advance(1_000);
    }
    expect(talking.of('ping')).toHaveLength(1);
    expect(silent.of('ping').length).toBeGreaterThanOrEqual(3);
  });
});
