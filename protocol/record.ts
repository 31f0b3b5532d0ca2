/**
 * Records: the signed facts of one chunk. The 65 bytes of a record are signed by the channel's key together with the
 * channel id, so that nothing valid in one channel, stream or position is valid anywhere else (SPEC R-2).
 */
import { branded, fixedBytes, readerOf, struct, u32, u48, u8, WireError, writerOf, type FieldValue } from './field.ts';
import { idToBytes, type ChannelId, type ChunkIndex, type StreamId } from './ids.ts';
import { DIGEST_BYTES, MAX_CHUNK_BYTES, PIECE_BYTES, SIGNATURE_BYTES } from './limits.ts';
import { utf8 } from './utf8.ts';

export const recordField = struct({
  stream: branded<StreamId>(u8),
  index: branded<ChunkIndex>(u32),
  /** Media time of the first sample, microseconds since the channel's beginning. */
  startUs: u48,
  durationUs: u32,
  /** Length of the chunk, 1..MAX_CHUNK_BYTES. */
  bytes: u32,
  /** Merkle root over the chunk's piece hashes. */
  root: fixedBytes(DIGEST_BYTES),
  /** Media sequence number of the HLS playlist (RFC 8216, section 3). */
  mediaSequence: u32,
  /** Discontinuities up to and including this chunk's start (RFC 8216, section 6.2.1). */
  discontinuitySequence: u32,
  /** Live: when the first sample was on air, milliseconds since 1970 by the host's clock. VoD: 0. */
  onAirMs: u48,
});

export type ChunkRecord = FieldValue<typeof recordField>;

export const signedRecordField = struct({ record: recordField, signature: fixedBytes(SIGNATURE_BYTES) });

/** `signature` is Ed25519 over `recordSigningBytes`. */
export type SignedRecord = FieldValue<typeof signedRecordField>;

/** Bytes of one signed record on the wire. */
export const SIGNED_RECORD_BYTES = 65 + SIGNATURE_BYTES;

const DOMAIN = utf8('tributary record 1\n');

/** What the channel key signs: domain, channel id, the 65 bytes of the record. A fresh buffer. */
export function recordSigningBytes(channel: ChannelId, record: ChunkRecord): Uint8Array {
  const out = writerOf(DOMAIN.length + 20 + recordField.size(record));
  out.bytes.set(DOMAIN);
  out.bytes.set(idToBytes(channel), DOMAIN.length);
  out.at = DOMAIN.length + 20;
  recordField.write(out, record);
  return out.bytes;
}

/** Whether a record's numbers are possible at all; cheap, and asked before its signature is checked. */
export function isPlausibleRecord(record: ChunkRecord): boolean {
  return record.bytes >= 1 && record.bytes <= MAX_CHUNK_BYTES && record.durationUs >= 1;
}

/** Pieces of a chunk of that many bytes. */
export const pieceCount = (bytes: number): number => Math.ceil(bytes / PIECE_BYTES);

/** Length of one piece of a chunk of `bytes` bytes. */
export function pieceLength(bytes: number, piece: number): number {
  return Math.min(PIECE_BYTES, bytes - piece * PIECE_BYTES);
}

/** A record and its piece hashes, as the seeder answers and the tracker's `head` carries them. */
export interface LogEntry {
  readonly signed: SignedRecord;
  /** Leaf hashes in order, `pieceCount(bytes) * 32` bytes; checked against the root by the receiver. */
  readonly hashes: Uint8Array;
}

/** Log entries back to back: signed record, then its piece hashes. The answer of the seeder's `records` route. */
export function encodeLogEntries(entries: readonly LogEntry[]): Uint8Array {
  const out = writerOf(entries.reduce((sum, entry) => sum + SIGNED_RECORD_BYTES + entry.hashes.length, 0));
  for (const { signed, hashes } of entries) {
    if (hashes.length !== pieceCount(signed.record.bytes) * DIGEST_BYTES) {
      throw new WireError(`chunk ${signed.record.index} has ${hashes.length} bytes of hashes`);
    }
    signedRecordField.write(out, signed);
    out.bytes.set(hashes, out.at);
    out.at += hashes.length;
  }
  return out.bytes;
}

/** @throws WireError when the bytes are not whole, plausible entries. Values are views of `bytes`. */
export function decodeLogEntries(bytes: Uint8Array): LogEntry[] {
  const from = readerOf(bytes);
  const entries: LogEntry[] = [];
  while (from.at < bytes.length) {
    const signed = signedRecordField.read(from);
    if (!isPlausibleRecord(signed.record)) throw new WireError('implausible record');
    const length = pieceCount(signed.record.bytes) * DIGEST_BYTES;
    if (from.at + length > bytes.length) throw new WireError('message ends early');
    entries.push({ signed, hashes: bytes.subarray(from.at, from.at + length) });
    from.at += length;
  }
  return entries;
}
