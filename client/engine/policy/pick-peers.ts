/**
 * Whom to dial next among the candidates known: those that serve, at a similar place in the film (they want the same
 * chunks, or have just watched them), chance deciding among equals so that a swarm does not grow cliques. `proximity`
 * prefers the near ones among these, but keeps a few places for others: groups that know only themselves would each
 * have to ask the seeder. `random` and `capacity` look at who serves and leave the rest to chance.
 */
import type { Random } from '../ports.ts';
import type { Policies } from './policies.ts';

export interface DialCandidate {
  readonly peer: string;
  /** Media time it plays, ms; -1 unknown. */
  readonly mediaMs: number;
  readonly uploads: boolean;
  /** Whether the tracker thinks it near; null where it said nothing. */
  readonly isNear: boolean | null;
  /** Not to be dialled before. */
  readonly notBeforeMs: number;
}

export interface DialSituation {
  /** How many to dial now. */
  readonly count: number;
  /** Places for neighbours that are free, those about to be taken included. */
  readonly places: number;
  /** Neighbours known to be far. */
  readonly farNeighbours: number;
  /** -1 without a playhead. */
  readonly ownMediaMs: number;
  readonly nowMs: number;
  readonly random: Random;
  readonly policy: Policies['peers'];
}

/** Distance in the film that counts as the same place, ms. */
const NEAR_MS = 60_000;
/** Neighbours elsewhere that a peer wants: with two each, groups of whatever size hold together, and one may go. */
export const FAR_LINKS = 2;

/** At most `count` of the candidates, best first. */
export function pickPeers<C extends DialCandidate>(candidates: readonly C[], situation: DialSituation): C[] {
  const { count, ownMediaMs, nowMs, random, policy } = situation;
  const score = (candidate: C): number => {
    if (!candidate.uploads) return 2;
    const looks = policy === 'position' || policy === 'proximity';
    if (!looks || ownMediaMs < 0 || candidate.mediaMs < 0) return 1;
    return Math.abs(candidate.mediaMs - ownMediaMs) <= NEAR_MS ? 0 : 1;
  };
  const ordered = candidates
    .filter((candidate) => candidate.notBeforeMs <= nowMs)
    .map((candidate) => ({ candidate, score: score(candidate), chance: random.next() }))
    .sort((a, b) => a.score - b.score || a.chance - b.chance || (a.candidate.peer < b.candidate.peer ? -1 : 1));
  const chosen = policy === 'proximity' ? nearFirst(ordered, situation) : ordered;
  return chosen.slice(0, Math.max(0, count)).map(({ candidate }) => candidate);
}

interface Scored {
  readonly candidate: DialCandidate;
  readonly score: number;
}

/** Of the best the near ones first, up to the places that are kept for others; those get them even where near ones are left over. */
function nearFirst<S extends Scored>(ordered: readonly S[], { places, farNeighbours }: DialSituation): S[] {
  const isNear = ({ candidate, score }: S): boolean => candidate.isNear === true && score === ordered[0]!.score;
  const near = ordered.filter(isNear);
  const first = near.slice(0, Math.max(0, places - Math.max(0, FAR_LINKS - farNeighbours)));
  return [...first, ...ordered.filter((one) => !isNear(one)), ...near.slice(first.length)];
}
