import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { COPIED_BYTES, WireError } from './field.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { decode, encode, encodedSize, MESSAGES, type Message, type MessageName } from './messages.ts';
import { message, MESSAGE } from './testing/arbitraries.ts';

// Thousands of cases of 16 KiB: how long they take says nothing about the code.
vi.setConfig({ testTimeout: 60_000 });

const NAMES = Object.keys(MESSAGES) as MessageName[];

/** The message, or the WireError; anything else thrown is a fault. */
function decodeOrRefuse(bytes: Uint8Array): Message | WireError {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

/** Equality of large byte fields without vitest's walk over each element; fast-check prints the counterexample. */
const expectSame = (actual: unknown, expected: unknown): void => expect(isDeepStrictEqual(actual, expected)).toBe(true);

/** Every byte array within a value, however deep. */
function byteArraysOf(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(byteArraysOf);
}

/** Whatever was accepted is canonical, no larger than its input, and made of views of it, or of copies of a few bytes. */
function expectWireErrorOrCanonical(bytes: Uint8Array): void {
  const result = decodeOrRefuse(bytes);
  if (result instanceof WireError) return;
  expectSame(encode(result), bytes);
  const arrays = byteArraysOf(result);
  for (const array of arrays) if (array.length > COPIED_BYTES) expect(array.buffer).toBe(bytes.buffer);
  expect(arrays.reduce((sum, array) => sum + array.length, 0)).toBeLessThanOrEqual(bytes.length);
  for (const field of Object.values(result)) if (Array.isArray(field)) expect(field.length).toBeLessThan(bytes.length);
}

describe('the table of messages', () => {
  it('W-2: gives every message a type of its own, 1..255', () => {
    const types = NAMES.map((name) => MESSAGES[name].type);
    expect(new Set(types).size).toBe(types.length);
    expect(types.every((type) => Number.isInteger(type) && type > 0 && type < 256)).toBe(true);
  });
});

describe.each(NAMES)('%s', (name) => {
  it('W-3: comes back from the wire as it went, within the largest frame', () => {
    fc.assert(
      fc.property(MESSAGE[name], (sent) => {
        const bytes = encode(sent);
        expect(bytes.length).toBe(encodedSize(sent));
        expect(bytes.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        expect(bytes[0]).toBe(MESSAGES[name].type);
        expectSame(decode(bytes), sent);
      }),
    );
  });

  it('W-4: cut short or grown by a byte it is refused with a WireError, or is another whole message', () => {
    fc.assert(
      fc.property(MESSAGE[name], fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255), (sent, where, more) => {
        const bytes = encode(sent);
        expectWireErrorOrCanonical(bytes.slice(0, Math.floor(where * bytes.length)));
        const grown = new Uint8Array(bytes.length + 1);
        grown.set(bytes);
        grown[bytes.length] = more;
        expectWireErrorOrCanonical(grown);
        // Only `piece` ends where its frame ends; all others know their length.
        if (name !== 'piece') {
          expect(decodeOrRefuse(grown)).toBeInstanceOf(WireError);
          if (bytes.length > 1) expect(decodeOrRefuse(bytes.slice(0, -1))).toBeInstanceOf(WireError);
        }
      }),
    );
  });

  it('W-4: with a bit flipped it is refused with a WireError, or is another message', () => {
    fc.assert(
      fc.property(MESSAGE[name], fc.nat(), fc.nat(7), (sent, at, bit) => {
        const bytes = encode(sent);
        // The first bytes hold types, lengths and counts, so half of the flips go there.
        bytes[at % (at & 1 ? bytes.length : Math.min(bytes.length, 16))]! ^= 1 << bit;
        expectWireErrorOrCanonical(bytes);
        expect(isDeepStrictEqual(decodeOrRefuse(bytes), sent)).toBe(false);
      }),
    );
  });
});

describe('decode', () => {
  it('W-4: throws nothing but WireError on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), expectWireErrorOrCanonical), { numRuns: 2000 });
    const typed = fc.tuple(fc.constantFrom(...NAMES), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(typed, ([name, body]) => expectWireErrorOrCanonical(Uint8Array.from([MESSAGES[name].type, ...body]))),
      { numRuns: 4000 },
    );
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a frame over the limit', new Uint8Array(MAX_MESSAGE_BYTES + 1).fill(MESSAGES.piece.type)],
    ['type 0', Uint8Array.of(0)],
    ['an unknown type', Uint8Array.of(255, 1, 2, 3)],
    ['a piece without data', Uint8Array.of(10, 0, 0, 0, 0, 0, 0, 0)],
    ['a count over its limit', Uint8Array.of(3, 0, 0, 0, 0, 0, 65, ...new Uint8Array(65 * 4), 0)],
    ['bytes over their limit, though they are there', Uint8Array.of(4, 0, 0, 0, 0, 0, 1, 1, ...new Uint8Array(257))],
    ['a piece over its limit', Uint8Array.of(10, ...new Uint8Array(7 + 16_385))],
    ['a length that runs past the end', Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 9, 1)],
  ])('W-1, P-1: refuses %s', (_what, bytes) => {
    expect(() => decode(bytes)).toThrow(WireError);
  });

  it('W-5: reads from the middle of a larger buffer, and from a Node Buffer as from plain bytes', () => {
    fc.assert(
      fc.property(message, fc.nat(9), (sent, before) => {
        const bytes = encode(sent);
        const larger = new Uint8Array(before + bytes.length + 3).fill(0xa5);
        larger.set(bytes, before);
        expectSame(decode(larger.subarray(before, before + bytes.length)), sent);
        expectSame(decode(Buffer.from(bytes)), sent);
      }),
    );
  });
});

describe('encode', () => {
  it.each([
    ['a number below its range', { name: 'ping', nonce: -1 }],
    ['a number above its range', { name: 'ping', nonce: 2 ** 32 }],
    ['a fraction', { name: 'ping', nonce: 0.5 }],
    ['what is not a number', { name: 'ping', nonce: NaN }],
    ['an empty piece', { name: 'piece', stream: 0, chunk: 0, piece: 0, data: new Uint8Array(0) }],
    ['a piece too long', { name: 'piece', stream: 0, chunk: 0, piece: 0, data: new Uint8Array(16_385) }],
    ['too many items', { name: 'have', stream: 0, playhead: 0, held: new Array(65).fill(0), dropped: [] }],
    ['bytes too long', { name: 'havePieces', stream: 0, chunk: 0, bits: new Uint8Array(257) }],
    ['a malformed id', { name: 'relay', from: 'nobody', to: 'a'.repeat(32), signal: new Uint8Array(1) }],
  ])('P-1: refuses %s with a WireError', (_what, sent) => {
    expect(() => encode(sent as unknown as Message)).toThrow(WireError);
  });
});
