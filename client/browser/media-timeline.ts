/**
 * The video element's clock against the channel's. hls.js places a live stream's first known chunk near 0, the channel
 * counts from its own beginning; a chunk that both know gives the offset.
 */
import type { ChunkRecord } from '#protocol/record';

/** What of a record places media in time. */
export type PlacedChunk = Pick<ChunkRecord, 'index' | 'startUs' | 'durationUs' | 'onAirMs'>;

/** A fragment as hls.js has placed it, seconds of the video element's clock. */
export interface PlacedFragment {
  readonly start: number;
  readonly index: number;
}

/**
 * Channel time minus element time, microseconds; undefined when the two have no chunk in common.
 * @param fragments newest first: their places have been corrected least often by guesses
 */
export function offsetUs(fragments: Iterable<PlacedFragment>, chunks: readonly PlacedChunk[]): number | undefined {
  for (const fragment of fragments) {
    const chunk = chunkAt(chunks, fragment.index);
    if (chunk !== undefined) return chunk.startUs - fragment.start * 1e6;
  }
  return undefined;
}

/** Milliseconds since the media at `mediaUs` was on air; null when that is not known. `nowMs` is the host's wall clock. */
export function behindMs(chunks: readonly PlacedChunk[], mediaUs: number, nowMs: number): number | null {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunks[middle]!.startUs <= mediaUs) low = middle + 1;
    else high = middle;
  }
  const chunk = chunks[Math.max(0, low - 1)];
  if (chunk === undefined || chunk.onAirMs === 0) return null;
  return nowMs - chunk.onAirMs - (mediaUs - chunk.startUs) / 1000;
}

/** Consecutive chunks, so an index is a position. */
function chunkAt(chunks: readonly PlacedChunk[], index: number): PlacedChunk | undefined {
  const first = chunks[0];
  return first === undefined ? undefined : chunks[index - first.index];
}
