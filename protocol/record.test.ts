import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from './field.ts';
import { chunkIndex, streamId, type ChannelId } from './ids.ts';
import { MAX_CHUNK_BYTES, MAX_LOG_ENTRY_BYTES, MAX_PIECES_PER_CHUNK, PIECE_BYTES } from './limits.ts';
import { equalBytes, leafInput, merkleRoot } from './merkle.ts';
import {
  decodeLogEntries, encodeLogEntries, isPlausibleRecord, pieceCount, pieceLength, recordSigningBytes, SIGNED_RECORD_BYTES, signedRecordField, type LogEntry,
} from './record.ts';
import { bytesOf, signedRecord } from './testing/arbitraries.ts';
import { CHANNEL, PUBLIC_KEY, recordOf, signRecord } from './testing/channel.ts';

describe('a signed record', () => {
  const record = recordOf();
  const { signature } = signRecord(record);
  const holds = (channel: ChannelId, changes: Parameters<typeof recordOf>[0]): boolean =>
    ed25519.verify(signature, recordSigningBytes(channel, recordOf(changes)), PUBLIC_KEY);

  it('R-2: is valid in its channel, stream and position', () => {
    expect(holds(CHANNEL, {})).toBe(true);
  });

  it.each([
    ['stream', { stream: streamId(1) }],
    ['index', { index: chunkIndex(8) }],
    ['start', { startUs: 14_000_001 }],
    ['duration', { durationUs: 2_000_001 }],
    ['length', { bytes: 40_001 }],
    ['root', { root: new Uint8Array(32).fill(0xac) }],
    ['media sequence', { mediaSequence: 8 }],
    ['discontinuity', { discontinuitySequence: 1 }],
    ['time on air', { onAirMs: 1 }],
  ])('R-2: is not valid with another %s', (_what, changes) => {
    expect(holds(CHANNEL, changes)).toBe(false);
  });

  it('R-2: is not valid in another channel', () => {
    expect(holds('a'.repeat(32) as ChannelId, {})).toBe(false);
  });

  it('R-1: has 65 bytes and a signature of 64', () => {
    fc.assert(fc.property(signedRecord, (signed) => { expect(signedRecordField.size(signed)).toBe(SIGNED_RECORD_BYTES); }));
    expect(SIGNED_RECORD_BYTES).toBe(129);
  });
});

describe('pieces of a chunk', () => {
  it('R-8: are of one size, the last one shorter and never empty', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 1, max: MAX_CHUNK_BYTES }), fc.constantFrom(1, PIECE_BYTES, PIECE_BYTES + 1, MAX_CHUNK_BYTES)), (bytes) => {
        const count = pieceCount(bytes);
        expect(count).toBeLessThanOrEqual(MAX_PIECES_PER_CHUNK);
        expect(pieceLength(bytes, 0)).toBe(Math.min(bytes, PIECE_BYTES));
        const last = pieceLength(bytes, count - 1);
        expect(last >= 1 && last <= PIECE_BYTES && (count - 1) * PIECE_BYTES + last === bytes).toBe(true);
      }),
    );
  });

  it.each([
    ['an empty chunk', { bytes: 0 }, false],
    ['one byte', { bytes: 1 }, true],
    ['the largest chunk', { bytes: MAX_CHUNK_BYTES }, true],
    ['one larger', { bytes: MAX_CHUNK_BYTES + 1 }, false],
    ['no duration', { durationUs: 0 }, false],
  ])('R-3: %s', (_what, changes, isPlausible) => {
    expect(isPlausibleRecord(recordOf(changes))).toBe(isPlausible);
  });
});

/** Any plausible entry of a few pieces. */
const entry: fc.Arbitrary<LogEntry> = fc
  .tuple(signedRecord, fc.integer({ min: 1, max: 5 * PIECE_BYTES }), fc.integer({ min: 1, max: 2 ** 32 - 1 }))
  .chain(([signed, bytes, durationUs]) =>
    bytesOf(pieceCount(bytes) * 32).map((hashes) => ({ signed: { ...signed, record: { ...signed.record, bytes, durationUs } }, hashes })),
  );

describe('log entries', () => {
  it('R-7: come back as they went; cut, grown or flipped they are refused with a WireError or are other whole entries', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), fc.nat(), fc.nat(7), (entries, at, bit) => {
        const bytes = encodeLogEntries(entries);
        expect(decodeLogEntries(bytes)).toEqual(entries);
        if (bytes.length === 0) return;
        const flipped = bytes.slice();
        flipped[at % bytes.length]! ^= 1 << bit;
        for (const hostile of [bytes.slice(0, at % bytes.length), flipped, Uint8Array.from([...bytes, 0])]) {
          try {
            expect(encodeLogEntries(decodeLogEntries(hostile))).toEqual(hostile);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
    );
  });

  it('R-7: hashes that do not match the length are not written', () => {
    expect(() => encodeLogEntries([{ signed: signRecord(recordOf()), hashes: new Uint8Array(32) }])).toThrow(WireError);
  });

  it('R-7: one entry weighs at most what a tracker may push', () => {
    const largest = { signed: signRecord(recordOf({ bytes: MAX_CHUNK_BYTES })), hashes: new Uint8Array(MAX_PIECES_PER_CHUNK * 32) };
    expect(encodeLogEntries([largest]).length).toBe(MAX_LOG_ENTRY_BYTES);
  });
});

describe('the Merkle tree', () => {
  it('R-8: changes with any bit of any leaf, with order and with number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }).chain((n) => bytesOf(n * 32)), fc.nat(), fc.nat(7), (leaves, at, bit) => {
        const root = merkleRoot(leaves, sha256);
        const flipped = leaves.slice();
        flipped[at % leaves.length]! ^= 1 << bit;
        expect(equalBytes(merkleRoot(flipped, sha256), root)).toBe(false);
        expect(equalBytes(merkleRoot(leaves.subarray(32), sha256), root)).toBe(false);
        expect(root.length).toBe(32);
      }),
    );
  });

  it('R-8: a leaf cannot be passed off as a node: their hashes begin differently', () => {
    const leaves = new Uint8Array(64).fill(5);
    const asPiece = sha256(leafInput(leaves));
    expect(equalBytes(merkleRoot(leaves, sha256), asPiece)).toBe(false);
  });

  it.each([0, 31, 33])('R-8: %i bytes are no list of digests', (length) => {
    expect(() => merkleRoot(new Uint8Array(length), sha256)).toThrow(RangeError);
  });
});
