/**
 * Where a live viewer starts. `fixed`: so many chunks behind the edge, as hls.js does. `lag`: so long behind the source by
 * the clock, the same for everybody whenever they come. `proportional`: as PPLive was
 * seen to, by its first neighbour's buffer: at that neighbour's oldest chunk f plus 0.34 of its lag s - f, s being the
 * edge. Each joiner then starts somewhat behind its neighbour, and a chain of joins settles.
 */
export const OFFSET_POLICIES = ['fixed', 'lag', 'proportional'] as const;
export type OffsetPolicy = (typeof OFFSET_POLICIES)[number];

/** Share of the neighbour's lag (measured of PPLive, docs/GLOSSARY.md). */
export const ALPHA = 0.34;
/** A viewer that met nobody in this time starts by itself, ms. */
export const MEETING_MS = 2_000;

/** Media time to start at, in the unit of the arguments. */
export const proportionalStart = (oldest: number, edge: number): number => oldest + ALPHA * (edge - oldest);
