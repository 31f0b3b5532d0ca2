import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitfield } from './bitfield.ts';

describe('Bitfield', () => {
  it('holds what a set would hold', () => {
    const changes = fc.array(fc.tuple(fc.integer({ min: -3, max: 90 }), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(fc.nat(80), changes, (length, list) => {
        const bits = new Bitfield(length);
        const model = new Set<number>();
        for (const [bit, value] of list) {
          const isChange = bit >= 0 && bit < length && model.has(bit) !== value;
          expect(bits.set(bit, value)).toBe(isChange);
          if (!isChange) continue;
          if (value) model.add(bit);
          else model.delete(bit);
        }
        for (let bit = -3; bit < length + 10; bit++) expect(bits.has(bit)).toBe(model.has(bit));
        expect(bits.count).toBe(model.size);
        expect(bits.isFull).toBe(model.size === length);
        expect(new Bitfield(length, bits.copyBytes()).count).toBe(model.size);
      }),
    );
  });

  it('takes over other bits as a copy, and counts them', () => {
    fc.assert(
      fc.property(fc.nat(70), fc.uint8Array({ minLength: 9, maxLength: 9 }), (length, bytes) => {
        const bits = new Bitfield(length);
        bits.set(0);
        const own = bytes.slice(0, (length + 7) >> 3);
        bits.replace(own);
        const fresh = new Bitfield(length, own.slice());
        own.fill(0xff);
        expect([...bits.bytes]).toEqual([...fresh.bytes]);
        expect(bits.count).toBe(fresh.count);
      }),
    );
  });

  it('A-2: puts bit 0 into the highest bit of byte 0', () => {
    const bits = new Bitfield(10);
    bits.set(0);
    bits.set(9);
    expect([...bits.bytes]).toEqual([0x80, 0x40]);
  });

  it('counts only bits it has, whatever bytes it was given', () => {
    fc.assert(
      fc.property(fc.nat(70), fc.uint8Array({ maxLength: 12 }), (length, bytes) => {
        const bits = new Bitfield(length, bytes.slice());
        const set = Array.from({ length: 100 }, (_, bit) => bits.has(bit)).filter(Boolean).length;
        expect(bits.count).toBe(set);
        expect(bits.bytes.length).toBe((length + 7) >> 3);
        for (let bit = 0; bit < length; bit++) bits.set(bit);
        expect([bits.count, bits.isFull]).toEqual([length, true]);
      }),
    );
  });
});
