/**
 * Which neighbours are served. Need-aware: whoever asked comes before whoever did not, then whoever gave most lately
 * (BitTorrent's reciprocation, Cohen 2003), and one slot goes to chance, so that newcomers get their first piece.
 */
import type { Random } from '../ports.ts';
import type { Policies } from './policies.ts';

export interface ChokeCandidate {
  readonly peer: string;
  /** Whether it waits for pieces or has asked lately. */
  readonly isInterested: boolean;
  readonly downBytesPerSecond: number;
}

/**
 * Ids of those to serve, at most `slots`. Everybody, while everybody fits. `tit-for-tat` looks at what was given alone,
 * as BitTorrent does.
 */
export function chooseUnchoked(candidates: readonly ChokeCandidate[], slots: number, random: Random, policy: Policies['choke'] = 'need-aware'): Set<string> {
  const need = (candidate: ChokeCandidate): number => Number(policy === 'need-aware' && candidate.isInterested);
  if (candidates.length <= slots) return new Set(candidates.map((candidate) => candidate.peer));
  const ranked = [...candidates].sort(
    (a, b) =>
      need(b) - need(a) ||
      b.downBytesPerSecond - a.downBytesPerSecond ||
      (a.peer < b.peer ? -1 : 1),
  );
  const chosen = new Set(ranked.slice(0, Math.max(slots - 1, 0)).map((candidate) => candidate.peer));
  const rest = ranked.filter((candidate) => !chosen.has(candidate.peer));
  const lucky = rest[Math.floor(random.next() * rest.length)];
  if (slots > 0 && lucky) chosen.add(lucky.peer);
  return chosen;
}
