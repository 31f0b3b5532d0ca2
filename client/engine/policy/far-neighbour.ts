/**
 * Which neighbour to exchange for another, where neighbours are sought by what only a link tells: the farthest under
 * `proximity`, the slowest under `capacity`. One at a time and only where it is clearly worse than the middle one, so
 * that a neighbourhood that is as good as it gets stays as it is.
 */
import type { Policies } from './policies.ts';

export interface KnownNeighbour {
  readonly peer: string;
  /** Null before the first answer to a ping. */
  readonly rttMs: number | null;
  /** What it delivers while asked; null before anything was measured. */
  readonly bytesPerSecond: number | null;
}

/** A neighbour this many times as far, or as slow, as the middle one is worth the trouble of finding another. */
const WORSE = 1.25;
/** Nearer than this is near, ms. */
const NEAR_MS = 40;

/** The neighbour to part with, or null. */
export function farNeighbour<N extends KnownNeighbour>(neighbours: readonly N[], policy: Policies['peers']): N | null {
  if (policy !== 'proximity' && policy !== 'capacity') return null;
  const badness = ({ rttMs, bytesPerSecond }: N): number | null =>
    policy === 'proximity' ? rttMs : bytesPerSecond === null ? null : 1 / Math.max(1, bytesPerSecond);
  const known = neighbours.flatMap((neighbour) => {
    const bad = badness(neighbour);
    return bad === null ? [] : [{ neighbour, bad }];
  });
  known.sort((a, b) => a.bad - b.bad || (a.neighbour.peer < b.neighbour.peer ? -1 : 1));
  const worst = known.at(-1);
  const middle = known[Math.floor(known.length / 4)];
  if (!worst || !middle || worst.bad <= WORSE * middle.bad) return null;
  return policy === 'proximity' && worst.bad <= NEAR_MS ? null : worst.neighbour;
}
