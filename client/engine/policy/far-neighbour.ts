/**
 * Which neighbour to exchange for another, where neighbours are sought by what only a link tells: under `proximity` the
 * farthest of those that send and get nothing, as long as a few far ones stay; under `capacity` the slowest. One at a
 * time and only where it is clearly worse than the better ones, so that a neighbourhood that is as good as it gets stays.
 */
import { FAR_LINKS } from './pick-peers.ts';
import type { Policies } from './policies.ts';

export interface KnownNeighbour {
  readonly peer: string;
  /** Shortest round trip seen; null before the first answer to a ping. */
  readonly distanceMs: number | null;
  /** What it delivers while asked; null before anything was measured. */
  readonly bytesPerSecond: number | null;
  /** Media passes between the two. */
  readonly isBusy: boolean;
}

/** A neighbour that delivers this many times less than the better ones is worth the trouble of finding another. */
const SLOWER = 1.25;
/** This many times as far as the nearer ones is far, unless it is nearer than this, ms. */
const FARTHER = 1.5;
const NEAR_MS = 40;

/** The neighbour to part with, or null. */
export function farNeighbour<N extends KnownNeighbour>(neighbours: readonly N[], policy: Policies['peers']): N | null {
  if (policy === 'proximity') return farthestIdle(neighbours);
  if (policy !== 'capacity') return null;
  const known = ordered(neighbours, ({ bytesPerSecond }) => (bytesPerSecond === null ? null : 1 / Math.max(1, bytesPerSecond)));
  const worst = known.at(-1);
  return worst && worst.badness > SLOWER * quarter(known) ? worst.neighbour : null;
}

/** A link in use is left alone: its bytes find a nearer way first (nearer-parent.ts), and nobody loses a parent by this. */
function farthestIdle<N extends KnownNeighbour>(neighbours: readonly N[]): N | null {
  const known = ordered(neighbours, ({ distanceMs }) => distanceMs);
  const farMs = Math.max(NEAR_MS, FARTHER * quarter(known));
  const far = known.filter(({ badness }) => badness > farMs);
  return far.length > FAR_LINKS ? (far.findLast(({ neighbour }) => !neighbour.isBusy)?.neighbour ?? null) : null;
}

interface Judged<N> {
  readonly neighbour: N;
  readonly badness: number;
}

/** Those of whom it is known, the best first. */
function ordered<N extends KnownNeighbour>(neighbours: readonly N[], badnessOf: (neighbour: N) => number | null): Judged<N>[] {
  const known = neighbours.flatMap((neighbour) => {
    const badness = badnessOf(neighbour);
    return badness === null ? [] : [{ neighbour, badness }];
  });
  return known.sort((a, b) => a.badness - b.badness || (a.neighbour.peer < b.neighbour.peer ? -1 : 1));
}

/** What a quarter of them is no worse than: the better ones. */
const quarter = (known: readonly Judged<unknown>[]): number => known[Math.floor(known.length / 4)]?.badness ?? Infinity;
