import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkIndex } from '#protocol/ids';
import { encode, type Message } from '#protocol/messages';
import { Film, LoneEngine, STREAM, type ScriptedNeighbour } from './testing/lone-engine.ts';

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const FILM = new Film(10);
const isGone = (world: LoneEngine, neighbour: ScriptedNeighbour): boolean =>
  neighbour.isClosed && world.engine.snapshot().neighbours.every((other) => other.peer !== neighbour.remote);

function playing(): LoneEngine {
  const world = new LoneEngine({ film: FILM });
  world.start();
  return world;
}

describe('a hostile neighbour', () => {
  it('X-1: whatever bytes it sends are ignored or cost it its place, and never raise an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (frames) => {
        const world = playing();
        const neighbour = world.meet(7, ALL);
        for (const frame of frames) neighbour.sayBytes(frame);
        world.clock.advance(500);
        expect(world.engine.snapshot().bytes.fromPeers).toBe(0);
        world.engine.close();
      }),
    );
  });

  it('X-1: a valid message with one bit flipped raises no exception either', () => {
    const messages: Message[] = [
      { name: 'have', stream: STREAM, playhead: 1 as ChunkIndex, held: [1, 2] as ChunkIndex[], dropped: [] },
      { name: 'havePieces', stream: STREAM, chunk: 3 as ChunkIndex, bits: new Uint8Array([0xe0]) },
      { name: 'request', stream: STREAM, chunk: 1 as ChunkIndex, first: 0, count: 3, deadlineMs: 1_000 },
      { name: 'cancel', stream: STREAM, chunk: 1 as ChunkIndex, first: 0, count: 3 },
      { name: 'reject', stream: STREAM, chunk: 1 as ChunkIndex, first: 0, count: 3, reason: 1 },
      { name: 'getRecords', stream: STREAM, first: 0 as ChunkIndex, count: 5 },
      { name: 'getHashes', stream: STREAM, chunk: 2 as ChunkIndex, first: 0, count: 3 },
      { name: 'hashes', stream: STREAM, chunk: 2 as ChunkIndex, first: 0, hashes: new Uint8Array(96) },
      { name: 'ping', nonce: 5 },
      { name: 'goodbye', reason: 1 },
    ];
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.nat(), (message, flip) => {
        const world = playing();
        const neighbour = world.meet(7, ALL);
        const bytes = encode(message);
        bytes[(flip >> 3) % bytes.length]! ^= 1 << (flip & 7);
        neighbour.sayBytes(bytes);
        world.clock.advance(500);
        world.engine.close();
      }),
    );
  });

  it('Q-6: a wrong piece is never stored, and its sender is banned', () => {
    const world = playing();
    const liar = world.meet(7, ALL);
    world.clock.advance(50);
    const request = liar.of('request')[0]!;
    const piece = world.film.piece(request.chunk, request.first) as Extract<Message, { name: 'piece' }>;
    piece.data[100]! ^= 1;
    liar.say(piece);
    expect(isGone(world, liar)).toBe(true);
    expect(world.engine.snapshot().bannedPeers).toBe(1);
    expect(world.engine.snapshot().bytes.fromPeers).toBe(0);
    const again = world.connect(7);
    expect(again.isClosed).toBe(true);
  });

  it('nobody is asked for the piece of a banned neighbour twice: the seeder brings it', () => {
    const world = playing();
    const liar = world.meet(7, ALL);
    world.clock.advance(50);
    for (const request of liar.of('request')) {
      const piece = world.film.piece(request.chunk, request.first) as Extract<Message, { name: 'piece' }>;
      piece.data[0]! ^= 1;
      liar.say(piece);
    }
    world.clock.advance(1_000);
    expect(world.asks.some((ask) => ask.chunk === 0)).toBe(true);
    world.answerOrigin();
    expect(world.stored.get(0)).toEqual(world.film.bytes[0]);
  });

  it('H-1: anything before hello costs its sender its place', () => {
    const world = playing();
    const neighbour = world.connect(7);
    neighbour.say({ name: 'ping', nonce: 1 });
    expect(isGone(world, neighbour)).toBe(true);
  });

  it.each([
    ['another channel', { channel: 'a'.repeat(32) as never }],
    ['another id than the one it was reached by', { peer: 'b'.repeat(32) as never }],
    ['another size of pieces', { pieceBytes: 1_024 }],
    ['only versions to come', { version: 9, lowestVersion: 9 }],
  ])('H-2: a hello for %s ends the conversation', (_name, change) => {
    const world = playing();
    const neighbour = world.connect(7);
    neighbour.hello(change);
    expect(isGone(world, neighbour)).toBe(true);
  });

  it('a second hello costs its place', () => {
    const world = playing();
    const neighbour = world.meet(7, []);
    neighbour.hello();
    expect(isGone(world, neighbour)).toBe(true);
  });

  it('R-2: a record the channel did not sign costs its place', () => {
    const world = playing();
    const neighbour = world.meet(7, []);
    const { record, signature } = world.film.entries[2]!.signed;
    neighbour.say({ name: 'records', records: [{ record: { ...record, startUs: record.startUs + 1 }, signature }] });
    expect(isGone(world, neighbour)).toBe(true);
  });

  it('L-2: a flood of small messages costs its place', () => {
    const world = playing();
    const neighbour = world.meet(7, []);
    for (let n = 0; n < 3_000 && !neighbour.isClosed; n++) neighbour.say({ name: 'ping', nonce: n });
    expect(isGone(world, neighbour)).toBe(true);
  });

  it('a flood of pieces nobody asked for costs its place', () => {
    const world = playing();
    const neighbour = world.meet(7, []);
    for (let n = 0; n < 2_000 && !neighbour.isClosed; n++) neighbour.say(world.film.piece(9, 0));
    expect(isGone(world, neighbour)).toBe(true);
    expect(world.stored.size).toBe(0);
  });

  it('one that answers nothing delays no chunk past its moment', () => {
    const world = playing();
    world.meet(7, ALL);
    world.engine.setPlayhead({ mediaUs: 0, rate: 1, hasStarted: true });
    const playedMs = 5_000;
    for (let ms = 0; ms < playedMs; ms += 50) {
      world.clock.advance(50);
      world.answerOrigin();
      world.engine.setPlayhead({ mediaUs: (ms + 50) * 1_000, rate: 1, hasStarted: true });
      // A tenth of a second after its moment every piece must be there.
      const chunk = Math.floor((ms - 100) / 2_000);
      if (ms % 2_000 >= 1_950 && chunk >= 0) expect([...world.stored.keys()]).toContain(chunk);
    }
  });

  it('one that stays silent is dropped, and its link closed', () => {
    const world = playing();
    const neighbour = world.meet(7, []);
    for (let second = 0; second < 12; second++) world.clock.advance(1_000);
    expect(isGone(world, neighbour)).toBe(true);
  });

  it('requests for what is not held are rejected, not answered', () => {
    const world = playing();
    const neighbour = world.meet(7, []);
    neighbour.say({ name: 'request', stream: STREAM, chunk: 9 as ChunkIndex, first: 0, count: 2, deadlineMs: 1_000 });
    expect(neighbour.of('piece')).toHaveLength(0);
    expect(neighbour.of('reject')).toHaveLength(2);
  });
});

describe('closing', () => {
  it('leaves no timer behind and says goodbye', () => {
    const world = playing();
    const neighbour = world.meet(7, ALL);
    world.clock.advance(300);
    world.engine.close();
    world.engine.close();
    expect(neighbour.of('goodbye')).toHaveLength(1);
    expect(world.clock.pending).toBe(0);
  });
});
