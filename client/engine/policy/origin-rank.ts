/**
 * Who fetches a new piece from the seeder first: rendezvous hashing (Thaler and Ravishankar, 1998) of peer and run of
 * pieces. Every neighbour computes the same order without a word, and whoever is second waits its turn; a `have` that
 * arrives meanwhile ends the wait.
 */
import { mix } from '../keys.ts';

/** Pieces per run: fixed by the chunk alone, so that all neighbours cut it the same way. */
export function dutyRunLength(pieces: number, settings: { readonly dutyRunPieces: number; readonly dutyRunsMax: number }): number {
  return Math.max(settings.dutyRunPieces, Math.ceil(pieces / settings.dutyRunsMax));
}

/**
 * Pause between two places in line, ms: a sixth of the time until the piece becomes urgent, so that several can fail
 * and it still comes in time. With much time the pause outlasts what neighbours do not know of each other's playheads;
 * for live it is what the latency allows.
 */
export function rankDelayMs(spareMs: number, settings: { readonly rankDelayMs: number }): number {
  return Math.min(settings.rankDelayMs, Math.max(SHORTEST_DELAY_MS, spareMs / 6));
}

/** A fetch from a quick seeder and its announcement. */
const SHORTEST_DELAY_MS = 150;

/**
 * Place of `self` in line for a run, 0 first; later places carry a fraction below a half. `others` are hashes of the neighbours that want the run too, `wanting` an
 * estimate of all peers of the swarm that do, this one included: in a large swarm being first among neighbours is not
 * being first, and a copy would leave the seeder for each neighbourhood.
 * A pure function of its arguments; equal scores go to the smaller hash.
 */
export function originRank(self: number, others: readonly number[], chunk: number, run: number, wanting = others.length + 1): number {
  const item = mix(chunk, run + 1);
  const own = mix(self, item);
  // Of the peers this one cannot see, as many stand before it as its own score says.
  let rank = Math.floor((own / 2 ** 32) * Math.max(0, wanting - 1 - others.length));
  const unseen = rank;
  for (const other of others) {
    const score = mix(other, item);
    if (score < own || (score === own && other < self)) rank++;
  }
  // Two peers that see different neighbours may count the same place: a share of a place of each one's own keeps their
  // turns apart. The first in line does not wait.
  return rank === 0 && unseen === 0 ? 0 : rank + (own % 1_000) / 2_000;
}
