/** How far behind what is on air a live viewer plays, in browsers and without a screen. */
import type { ChannelDescription } from '#protocol/description';
import type { PlacedChunk } from './media-timeline.ts';

/**
 * How far behind what is on air a live viewer plays, in chunks. One passes while the newest chunk is made, and the
 * playlist is up to one behind; what is left, 0.9 of a chunk at the worst moment, is for packaging and the way through
 * the swarm. 5.8 s with chunks of 2 s.
 */
const LIVE_CHUNKS_BEHIND = 2.9;

/** A newest chunk older than this says that the clocks disagree, or that the stream has stopped. */
const MAX_AGE_CHUNKS = 3;
/** hls.js itself starts no nearer to a playlist's end than one chunk. */
const MIN_AHEAD_CHUNKS = 1.1;

/** Seconds a live viewer plays behind what is on air: as the host wants it, else by the length of chunks. */
export function liveSyncSeconds(description: ChannelDescription): number {
  if (description.liveDelayMs !== undefined) return description.liveDelayMs / 1000;
  const target = Math.max(...description.streams.map((stream) => stream.targetDurationSeconds));
  return LIVE_CHUNKS_BEHIND * target;
}

/**
 * Seconds behind the end of `newest` at which media is `behindSeconds` behind what is on air now; as if the chunk had
 * just ended where the clocks do not agree. Never so few that less than a chunk would be left to play.
 */
export function liveTarget(newest: PlacedChunk, behindSeconds: number, chunkSeconds: number, hostMs: number): number {
  const ageSeconds = (hostMs - newest.onAirMs) / 1000 - newest.durationUs / 1e6;
  const isKnown = newest.onAirMs > 0 && ageSeconds > -chunkSeconds && ageSeconds < MAX_AGE_CHUNKS * chunkSeconds;
  return Math.max(MIN_AHEAD_CHUNKS * chunkSeconds, behindSeconds - (isKnown ? Math.max(0, ageSeconds) : 0));
}
