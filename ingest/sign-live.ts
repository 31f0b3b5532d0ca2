/** The signing stage of a live log: a chunk, its place in the log, and the channel's key make an entry. */
import { chunkIndex, streamId } from '#protocol/ids';
import type { ChunkRecord, LogEntry, SignedRecord } from '#protocol/record';
import { digestChunk, type Sha256 } from './digest-chunk.ts';
import type { LiveChunk } from './live-chunker.ts';

/** Where in its log a chunk stands. */
export interface LivePlace {
  readonly stream: number;
  readonly index: number;
  /** Times the source was connected before this. */
  readonly discontinuities: number;
  /** When the first sample was on air, ms since 1970. */
  readonly onAirMs: number;
  /** Its source's own number, where that matters: keys may go by it. */
  readonly mediaSequence?: number | undefined;
}

export function signLiveChunk(chunk: LiveChunk, place: LivePlace, key: { signRecord(record: ChunkRecord): SignedRecord }, sha256: Sha256): LogEntry {
  const { root, hashes } = digestChunk(chunk.bytes, sha256);
  const signed = key.signRecord({
    stream: streamId(place.stream),
    index: chunkIndex(place.index),
    startUs: chunk.startUs,
    durationUs: chunk.durationUs,
    bytes: chunk.bytes.length,
    root,
    mediaSequence: place.mediaSequence ?? place.index,
    discontinuitySequence: place.discontinuities,
    onAirMs: Math.round(place.onAirMs),
  });
  return { signed, hashes };
}
