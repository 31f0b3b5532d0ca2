/** The signing stage: what packaging found of a chunk becomes the record that its channel signs. */
import { chunkIndex, streamId } from '#protocol/ids';
import type { ChunkRecord, LogEntry, SignedRecord } from '#protocol/record';
import type { PackagedChunk, PackagedStream } from './packaged-stream.ts';

/** The record of a chunk of a closed log. @param index of the chunk in its stream */
export const vodRecord = (stream: number, index: number, chunk: PackagedChunk): ChunkRecord => ({
  stream: streamId(stream),
  index: chunkIndex(index),
  startUs: chunk.startUs,
  durationUs: chunk.durationUs,
  bytes: chunk.bytes,
  root: chunk.root,
  mediaSequence: index,
  discontinuitySequence: 0,
  onAirMs: 0,
});

/** Signs the whole log of one stream; done once in a channel's life. */
export function signLog(key: { signRecord(record: ChunkRecord): SignedRecord }, stream: PackagedStream): LogEntry[] {
  return stream.chunks.map((chunk, index) => ({ signed: key.signRecord(vodRecord(stream.facts.id, index, chunk)), hashes: chunk.hashes }));
}
