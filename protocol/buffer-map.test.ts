import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferMap } from './buffer-map.ts';
import { chunkIndex, streamId, type ChunkIndex } from './ids.ts';
import { MAX_BUFFER_MAP_CHUNKS } from './limits.ts';
import { checkMessage } from './message-rules.ts';
import { decode, encode, NO_CHUNK } from './messages.ts';

/** The same thing, slow and obvious. */
class Model {
  offset: number;
  length = 0;
  held = new Set<number>();
  constructor(offset: number) {
    this.offset = offset;
  }
  add(chunk: number): boolean {
    if (chunk < this.offset || chunk >= NO_CHUNK) return false;
    if (chunk - this.offset >= MAX_BUFFER_MAP_CHUNKS) this.slideTo(chunk - MAX_BUFFER_MAP_CHUNKS + 1);
    this.length = Math.max(this.length, chunk - this.offset + 1);
    if (this.held.has(chunk)) return false;
    this.held.add(chunk);
    return true;
  }
  slideTo(past: number): void {
    const offset = Math.min(past, NO_CHUNK);
    if (offset <= this.offset) return;
    this.length = Math.max(0, this.length - (offset - this.offset));
    this.offset = offset;
    for (const chunk of this.held) if (chunk < offset) this.held.delete(chunk);
  }
}

type Step = { readonly do: 'add' | 'remove' | 'slide'; readonly at: number };
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('add' as const, 'add' as const, 'add' as const, 'remove' as const, 'slide' as const),
  // Mostly near the window, now and then far past it.
  at: fc.oneof({ weight: 9, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(20_000) }),
});
const steps = fc.array(step, { maxLength: 120 });
const offsets = fc.oneof(fc.nat(50), fc.constant(NO_CHUNK - 100), fc.nat(NO_CHUNK - 1));

function play(start: number, list: readonly Step[]): { map: BufferMap; model: Model } {
  const map = new BufferMap(chunkIndex(start));
  const model = new Model(start);
  for (const { do: what, at } of list) {
    const chunk = chunkIndex(model.offset + at - 20);
    if (what === 'add') expect(map.add(chunk)).toBe(model.add(chunk));
    else if (what === 'remove') expect(map.remove(chunk)).toBe(model.held.delete(chunk));
    else {
      map.slideTo(chunk);
      model.slideTo(chunk);
    }
  }
  return { map, model };
}

const ordered = (chunks: Iterable<number>): number[] => [...chunks].sort((a, b) => a - b);

describe('BufferMap', () => {
  it('A-2, A-3: holds what a set would hold, within a window that slides forward only', () => {
    fc.assert(
      fc.property(offsets, steps, (start, list) => {
        const { map, model } = play(start, list);
        const held = ordered(model.held);
        expect([...map]).toEqual(held);
        expect(map.count).toBe(held.length);
        expect([map.offset, map.length]).toEqual([model.offset, model.length]);
        expect(map.length).toBeLessThanOrEqual(MAX_BUFFER_MAP_CHUNKS);
        expect([map.first, map.last]).toEqual([held[0], held.at(-1)]);
        for (let chunk = model.offset - 3; chunk < model.offset + 260; chunk++) expect(map.has(chunkIndex(chunk))).toBe(model.held.has(chunk));
      }),
    );
  });

  it('A-2: is the same after the wire, and what it sends obeys the rules', () => {
    fc.assert(
      fc.property(offsets, steps, (start, list) => {
        const { map } = play(start, list);
        const message = map.toMessage(streamId(3), NO_CHUNK);
        expect(checkMessage(message)).toBeNull();
        const received = decode(encode(message));
        if (received.name !== 'bufferMap') throw new Error(received.name);
        const back = BufferMap.fromMessage(received);
        expect([...back]).toEqual([...map]);
        expect([back.offset, back.length, back.count]).toEqual([map.offset, map.length, map.count]);
      }),
    );
  });

  it('A-4: the changes since an earlier map turn that one into this one', () => {
    fc.assert(
      fc.property(offsets, steps, steps, (start, before, more) => {
        const { map: old } = play(start, before);
        const now = old.copy();
        for (const { do: what, at } of more) {
          if (what === 'remove') now.remove(chunkIndex(now.offset + at));
          else now.add(chunkIndex(now.offset + at));
        }
        old.apply(now.changesSince(old));
        expect([...old]).toEqual([...now]);
      }),
    );
  });

  it('counts the run that can be played from any chunk', () => {
    fc.assert(
      fc.property(steps, fc.nat(220), (list, at) => {
        const { map, model } = play(0, list);
        const from = model.offset + at - 10;
        let run = 0;
        while (model.held.has(from + run)) run++;
        expect(map.runFrom(chunkIndex(from))).toBe(run);
      }),
    );
  });

  it('A-4: a chunk both dropped and held in one message is held', () => {
    const map = new BufferMap();
    map.apply({ held: [chunkIndex(5)], dropped: [chunkIndex(5)] });
    expect(map.has(chunkIndex(5))).toBe(true);
  });

  it('does not share bytes with its copies, its message or the message it came from', () => {
    const map = new BufferMap();
    map.add(chunkIndex(0));
    const copy = map.copy();
    const message = map.toMessage(streamId(0), NO_CHUNK);
    // A Node Buffer, whose slice would share memory.
    const bits = Buffer.from(message.bits);
    const fromWire = BufferMap.fromMessage({ ...message, bits });
    bits[0] = 0;
    message.bits[0] = 0;
    copy.remove(0 as ChunkIndex);
    expect([map.has(chunkIndex(0)), copy.has(chunkIndex(0)), fromWire.has(chunkIndex(0))]).toEqual([true, false, true]);
  });

  it('L-1: a hostile index costs a window, not memory', () => {
    const map = new BufferMap();
    map.add(chunkIndex(1));
    expect(map.add(chunkIndex(4_000_000_000))).toBe(true);
    expect([map.count, map.length]).toEqual([1, MAX_BUFFER_MAP_CHUNKS]);
    expect(map.add(NO_CHUNK)).toBe(false);
  });
});
