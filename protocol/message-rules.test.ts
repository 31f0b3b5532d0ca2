import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMessage, checkPieceBits } from './message-rules.ts';
import { decode, encode, NO_CHUNK, type Message } from './messages.ts';
import { recordOf, signRecord } from './testing/channel.ts';
import { message } from './testing/arbitraries.ts';

const P1 = 'a'.repeat(32);
const P2 = 'b'.repeat(32);
const HELLO = { name: 'hello', version: 1, lowestVersion: 1, channel: P1, peer: P2, pieceBytes: 16_384, features: 0, ticket: new Uint8Array(0) };
const MAP = { name: 'bufferMap', stream: 0, playhead: NO_CHUNK, offset: 3, length: 10, bits: Uint8Array.of(0xff, 0xc0) };
const RUN = { stream: 0, chunk: 1, first: 0, count: 1 };
const REQUEST = { name: 'request', ...RUN, deadlineMs: 0 };
const HASHES = { name: 'hashes', stream: 0, chunk: 1, first: 0, hashes: new Uint8Array(32) };
const genuine = signRecord(recordOf());

/** What it is, the message, and the id of the rule it breaks (null: none). */
const CASES: [string, object, string | null][] = [
  ['a hello', HELLO, null],
  ['a hello of later versions', { ...HELLO, version: 9, lowestVersion: 4 }, null],
  ['version 0', { ...HELLO, version: 0, lowestVersion: 0 }, 'H-2'],
  ['a lowest version above the highest', { ...HELLO, version: 1, lowestVersion: 2 }, 'H-2'],
  ['a buffer map', MAP, null],
  ['an empty one', { ...MAP, length: 0, bits: new Uint8Array(0) }, null],
  ['the widest one', { ...MAP, length: 8192, bits: new Uint8Array(1024) }, null],
  ['one wider', { ...MAP, length: 8193, bits: new Uint8Array(1024) }, 'A-2'],
  ['bits too few for the window', { ...MAP, bits: Uint8Array.of(0xff) }, 'A-2'],
  ['bits too many', { ...MAP, bits: new Uint8Array(3) }, 'A-2'],
  ['a bit past the window', { ...MAP, bits: Uint8Array.of(0xff, 0xe0) }, 'A-2'],
  ['a window that ends at the last chunk', { ...MAP, offset: NO_CHUNK - 10 }, null],
  ['a window past it', { ...MAP, offset: NO_CHUNK - 9 }, 'A-2'],
  ['a have that only moves the playhead', { name: 'have', stream: 0, playhead: 4, held: [], dropped: [] }, null],
  ['no chunk held', { name: 'have', stream: 0, playhead: 4, held: [NO_CHUNK], dropped: [] }, 'A-4'],
  ['no chunk dropped', { name: 'have', stream: 0, playhead: 4, held: [], dropped: [NO_CHUNK] }, 'A-4'],
  ['pieces', { name: 'havePieces', stream: 0, chunk: 1, bits: new Uint8Array(1) }, null],
  ['pieces without bits', { name: 'havePieces', stream: 0, chunk: 1, bits: new Uint8Array(0) }, 'A-6'],
  ['pieces of no chunk', { name: 'havePieces', stream: 0, chunk: NO_CHUNK, bits: new Uint8Array(1) }, 'A-6'],
  ['a record', { name: 'records', records: [genuine] }, null],
  ['no record: an answer too', { name: 'records', records: [] }, null],
  ['a record of an empty chunk', { name: 'records', records: [genuine, signRecord(recordOf({ bytes: 0 }))] }, 'R-3'],
  ['a record of a chunk too large', { name: 'records', records: [signRecord(recordOf({ bytes: 32 * 2 ** 20 + 1 }))] }, 'R-3'],
  ['a record without duration', { name: 'records', records: [signRecord(recordOf({ durationUs: 0 }))] }, 'R-3'],
  ['a record of no chunk', { name: 'records', records: [signRecord(recordOf({ index: NO_CHUNK }))] }, 'R-3'],
  ['64 records wanted', { name: 'getRecords', stream: 0, first: 0, count: 64 }, null],
  ['none wanted', { name: 'getRecords', stream: 0, first: 0, count: 0 }, 'R-5'],
  ['65 wanted', { name: 'getRecords', stream: 0, first: 0, count: 65 }, 'R-5'],
  ['512 hashes wanted', { name: 'getHashes', ...RUN, count: 512 }, null],
  ['513 wanted', { name: 'getHashes', ...RUN, count: 513 }, 'R-6'],
  ['no hashes wanted', { name: 'getHashes', ...RUN, count: 0 }, 'Q-2'],
  ['one hash', HASHES, null],
  ['half a hash', { ...HASHES, hashes: new Uint8Array(48) }, 'R-6'],
  ['no hash', { ...HASHES, hashes: new Uint8Array(0) }, 'R-6'],
  ['hashes past the largest chunk', { ...HASHES, first: 2047, hashes: new Uint8Array(64) }, 'R-6'],
  ['hashes of no chunk', { ...HASHES, chunk: NO_CHUNK }, 'R-6'],
  ['a request', REQUEST, null],
  ['a request for 256 pieces', { ...REQUEST, count: 256 }, null],
  ['for 257', { ...REQUEST, count: 257 }, 'Q-1'],
  ['for none', { ...REQUEST, count: 0 }, 'Q-2'],
  ['up to the last piece there can be', { ...REQUEST, first: 2047 }, null],
  ['past it', { ...REQUEST, first: 2047, count: 2 }, 'Q-2'],
  ['of no chunk', { ...REQUEST, chunk: NO_CHUNK }, 'Q-2'],
  ['a cancel of a whole large chunk', { name: 'cancel', ...RUN, count: 2048 }, null],
  ['a cancel of nothing', { name: 'cancel', ...RUN, count: 0 }, 'Q-2'],
  ['a reject for a reason nobody knows yet', { name: 'reject', ...RUN, reason: 200 }, null],
  ['a reject of nothing', { name: 'reject', ...RUN, count: 0, reason: 1 }, 'Q-2'],
  ['a piece', { name: 'piece', stream: 0, chunk: 1, piece: 2047, data: new Uint8Array(1) }, null],
  ['a piece that no chunk has', { name: 'piece', stream: 0, chunk: 1, piece: 2048, data: new Uint8Array(1) }, 'Q-6'],
  ['a piece of no chunk', { name: 'piece', stream: 0, chunk: NO_CHUNK, piece: 0, data: new Uint8Array(1) }, 'Q-6'],
  ['a substream', { name: 'subscribe', stream: 0, substream: 3, of: 4, from: 0 }, null],
  ['a substream outside', { name: 'subscribe', stream: 0, substream: 4, of: 4, from: 0 }, 'S-2'],
  ['a division by zero', { name: 'unsubscribe', stream: 0, substream: 0, of: 0 }, 'S-2'],
  ['introductions', { name: 'peers', peers: [] }, null],
  ['a relay', { name: 'relay', from: P1, to: P2, signal: Uint8Array.of(1) }, null],
  ['a relay to oneself', { name: 'relay', from: P1, to: P1, signal: Uint8Array.of(1) }, 'I-4'],
  ['a relay of nothing', { name: 'relay', from: P1, to: P2, signal: new Uint8Array(0) }, 'I-4'],
  ['choke', { name: 'choke' }, null],
  ['unchoke', { name: 'unchoke' }, null],
  ['ping', { name: 'ping', nonce: 1 }, null],
  ['pong', { name: 'pong', nonce: 1 }, null],
  ['goodbye for a reason nobody knows yet', { name: 'goodbye', reason: 99 }, null],
];

describe('checkMessage', () => {
  it.each(CASES)('%s', (_what, given, rule) => {
    // Through the wire, so that only what can arrive is judged.
    const verdict = checkMessage(decode(encode(given as Message)));
    expect(verdict === null ? null : verdict.slice(0, 3)).toBe(rule);
  });

  it('gives null or a sentence that begins with its rule, on whatever the codec lets through', () => {
    fc.assert(
      fc.property(message, (given) => {
        const verdict = checkMessage(given);
        if (verdict !== null) expect(verdict).toMatch(/^[A-Z]-\d+: [a-z]/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('checkPieceBits', () => {
  it.each([
    ['one piece', [0x80], 1, null],
    ['three pieces', [0xe0], 40_000, null],
    ['eight pieces', [0xff], 8 * 16_384, null],
    ['nine pieces', [0xff, 0x80], 8 * 16_384 + 1, null],
    ['a bit past the last piece', [0xf0], 40_000, 'A-6'],
    ['a byte too many', [0xe0, 0], 40_000, 'A-6'],
    ['a byte too few', [0xff], 8 * 16_384 + 1, 'A-6'],
    ['nothing', [], 40_000, 'A-6'],
  ])('A-6: %s', (_what, bits, bytes, rule) => {
    expect(checkPieceBits(Uint8Array.from(bits), bytes)?.slice(0, 3) ?? null).toBe(rule);
  });
});
