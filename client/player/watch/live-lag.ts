/** Whether somebody watches live, and how far behind they are. */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';

export interface LiveLag {
  /** Near enough to the newest chunk that a jump would gain nothing. */
  readonly isAtLive: boolean;
  /** Since what is shown was on air; null while unknown. */
  readonly behindMs: number | null;
}

/** Playing smoothly needs about three chunks ahead; at two seconds each and one on its way, 10 s is still "live". */
const AT_LIVE_MS = 10_000;
const AT_LIVE_CHUNKS = 4;

/** Null for VoD. */
export function liveLag(snapshot: ViewerSnapshot | null): LiveLag | null {
  if (snapshot === null || snapshot.live === null) return null;
  const newest = snapshot.timeline.at(-1);
  const allowedMs = Math.max(AT_LIVE_MS, (AT_LIVE_CHUNKS * (newest?.durationUs ?? 0)) / 1_000);
  const toEdgeMs = (snapshot.live.edgeUs - snapshot.playheadUs) / 1_000;
  return { isAtLive: toEdgeMs <= allowedMs, behindMs: snapshot.live.behindMs };
}
