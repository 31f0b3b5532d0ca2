/** What packaging makes of a stream, before a channel gives it number and signature; and the figures players ask of it. */
import type { StreamDescription } from '#protocol/description';
import { IngestError } from './ingest-error.ts';

/** A chunk as every round of a loop has it: its channel adds stream, index and signature. */
export interface PackagedChunk {
  readonly startUs: number;
  readonly durationUs: number;
  readonly bytes: number;
  readonly root: Uint8Array;
  readonly hashes: Uint8Array;
  /** Where the bytes are, if they stay with somebody else. */
  readonly origin?: ChunkOrigin;
}

/** A chunk at an HTTP origin: the resource, or `bytes` of it from `offset` on. */
export interface ChunkOrigin {
  readonly url: string;
  readonly offset: number;
}

export interface PackagedStream {
  /** All that can be said of the stream without its channel. */
  readonly facts: Omit<StreamDescription, 'durationsUs'>;
  readonly chunks: readonly PackagedChunk[];
}

/** Peak over chunks, and average, in bits a second (RFC 8216, section 4.3.4.2). */
export function bitrates(chunks: readonly PackagedChunk[]): { bandwidth: number; averageBandwidth: number } {
  const rate = (bytes: number, us: number): number => Math.max(1, Math.ceil((bytes * 8e6) / us));
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const us = chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0);
  return { bandwidth: chunks.reduce((peak, chunk) => Math.max(peak, rate(chunk.bytes, chunk.durationUs)), 1), averageBandwidth: rate(bytes, us) };
}

/** Longest chunk in whole seconds, rounded up. @throws IngestError over a minute, which no player buffers sensibly. */
export function targetDuration(path: string, chunks: readonly PackagedChunk[]): number {
  const longestUs = chunks.reduce((longest, chunk) => Math.max(longest, chunk.durationUs), 0);
  const seconds = Math.max(1, Math.ceil(longestUs / 1e6));
  if (seconds <= 60) return seconds;
  throw new IngestError('chunkTooLarge', `${path} has keyframes more than a minute apart; encode it with a keyframe every 2 seconds.`);
}
