/**
 * Whom to dial next among the candidates known: those that serve, at a similar place in the film (they want the same
 * chunks, or have just watched them), chance deciding among equals so that a swarm does not grow cliques. Other policies
 * than `position` look at who serves and leave the rest to chance; near or capable ones are found by trying (far-neighbour.ts).
 */
import type { Random } from '../ports.ts';
import type { Policies } from './policies.ts';

export interface DialCandidate {
  readonly peer: string;
  /** Media time it plays, ms; -1 unknown. */
  readonly mediaMs: number;
  readonly uploads: boolean;
  /** Not to be dialled before. */
  readonly notBeforeMs: number;
}

/** Distance in the film that counts as the same place, ms. */
const NEAR_MS = 60_000;

/** At most `count` of the candidates, best first. `ownMediaMs` -1 without a playhead. */
export function pickPeers<C extends DialCandidate>(
  candidates: readonly C[],
  { count, ownMediaMs, nowMs, random, policy = 'position' }: {
    readonly count: number;
    readonly ownMediaMs: number;
    readonly nowMs: number;
    readonly random: Random;
    readonly policy?: Policies['peers'];
  },
): C[] {
  const score = (candidate: C): number => {
    if (!candidate.uploads) return 2;
    if (policy !== 'position' || ownMediaMs < 0 || candidate.mediaMs < 0) return 1;
    return Math.abs(candidate.mediaMs - ownMediaMs) <= NEAR_MS ? 0 : 1;
  };
  return candidates
    .filter((candidate) => candidate.notBeforeMs <= nowMs)
    .map((candidate) => ({ candidate, score: score(candidate), chance: random.next() }))
    .sort((a, b) => a.score - b.score || a.chance - b.chance || (a.candidate.peer < b.candidate.peer ? -1 : 1))
    .slice(0, Math.max(0, count))
    .map((entry) => entry.candidate);
}
