/**
 * Which neighbour to exchange a substream's parent for, so that its pieces travel less far. Only one that is clearly
 * nearer: each exchange brings the substream a good part closer, so that they come to an end.
 */

/** A neighbour that could send the substream in its parent's stead. */
export interface ParentOffer {
  readonly peer: string;
  /** Shortest round trip to it, ms. */
  readonly distanceMs: number;
  /** Whether it passes that substream on to many; others have few places. */
  readonly isHome: boolean;
}

/** A neighbour is clearly nearer at less than this part of the parent's distance, and by this much, ms. */
const NEARER_PART = 0.67;
const NEARER_MS = 20;

/** The offer to take up: the nearest, of those that pass it on to many if there is one. Null where none is clearly nearer. */
export function nearerParent<O extends ParentOffer>(offers: readonly O[], parentMs: number): O | null {
  const enoughMs = Math.min(NEARER_PART * parentMs, parentMs - NEARER_MS);
  const nearer = offers.filter(({ distanceMs }) => distanceMs <= enoughMs);
  nearer.sort((a, b) => Number(b.isHome) - Number(a.isHome) || a.distanceMs - b.distanceMs || (a.peer < b.peer ? -1 : 1));
  return nearer[0] ?? null;
}
