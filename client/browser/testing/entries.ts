/** Log entries with plausible numbers and made-up signatures, for tests of adapters, which verify nothing. */
import { chunkIndex, streamId } from '#protocol/ids';
import type { ChunkRecord, LogEntry } from '#protocol/record';

export function makeRecord(index: number, changes: Partial<ChunkRecord> = {}): ChunkRecord {
  return {
    stream: streamId(1),
    index: chunkIndex(index),
    startUs: index * 2_000_000,
    durationUs: 2_000_000,
    bytes: 20_000,
    root: new Uint8Array(32).fill(index),
    mediaSequence: index,
    discontinuitySequence: 0,
    onAirMs: 1_700_000_000_000 + index * 2_000,
    ...changes,
  };
}

export function makeEntry(index: number): LogEntry {
  return { signed: { record: makeRecord(index), signature: new Uint8Array(64).fill(index) }, hashes: new Uint8Array(64).fill(index) };
}
