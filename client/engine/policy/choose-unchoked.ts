/**
 * Which neighbours are served. Need-aware: whoever asked comes before whoever did not, then whoever gave most lately
 * (BitTorrent's reciprocation, Cohen 2003), and one slot goes to chance, so that newcomers get their first piece.
 */
import type { Random } from '../ports.ts';

export interface ChokeCandidate {
  readonly peer: string;
  /** Whether it waits for pieces or has asked lately. */
  readonly isInterested: boolean;
  readonly downBytesPerSecond: number;
}

/** Ids of those to serve, at most `slots`. Everybody, while everybody fits. */
export function chooseUnchoked(candidates: readonly ChokeCandidate[], slots: number, random: Random): Set<string> {
  if (candidates.length <= slots) return new Set(candidates.map((candidate) => candidate.peer));
  const ranked = [...candidates].sort(
    (a, b) =>
      Number(b.isInterested) - Number(a.isInterested) ||
      b.downBytesPerSecond - a.downBytesPerSecond ||
      (a.peer < b.peer ? -1 : 1),
  );
  const chosen = new Set(ranked.slice(0, Math.max(slots - 1, 0)).map((candidate) => candidate.peer));
  const rest = ranked.filter((candidate) => !chosen.has(candidate.peer));
  const lucky = rest[Math.floor(random.next() * rest.length)];
  if (slots > 0 && lucky) chosen.add(lucky.peer);
  return chosen;
}
