/**
 * Distances that count as different. Round trips of one city differ by chance and by the minute; whoever preferred the
 * shortest would always ask the same neighbours, and copies would not spread.
 */

/** Round trips shorter than twice this are all as near as can be, ms: one country, last miles included. */
const STEP_MS = 20;

/** 0 is near; each further one is twice as far. Unknown distances are in the middle of what there is. */
export const distanceClass = (distanceMs: number | null): number =>
  distanceMs === null ? 2 : Math.max(0, Math.floor(Math.log2(Math.max(distanceMs, 1) / STEP_MS)));
