/**
 * Viewers who jump about in a film, as PPLive's did in 2007: films, jumps per viewer, lengths of viewing stretches and
 * gaps between arrivals from Huang et al., "Challenges, Design and Analysis of a Large-scale P2P-VoD System" (SIGCOMM
 * 2008, table 3). Only means are published; gaps and stretches are drawn exponentially, jumps by Poisson's law.
 */
import type { Random } from '#engine/ports';
import { exponential } from './arrivals.ts';

export interface Film {
  readonly lengthSeconds: number;
  /** Mean jumps of a viewer. */
  readonly jumps: number;
  /** Mean length of a stretch without a jump. */
  readonly stretchSeconds: number;
  /** Mean gap between two arrivals. */
  readonly arrivalGapSeconds: number;
}

export const FILMS = {
  first: { lengthSeconds: 5100, jumps: 1.6, stretchSeconds: 829.8, arrivalGapSeconds: 19.07 },
  second: { lengthSeconds: 2820, jumps: 3.4, stretchSeconds: 147.6, arrivalGapSeconds: 7.25 },
  third: { lengthSeconds: 6600, jumps: 1.8, stretchSeconds: 620.2, arrivalGapSeconds: 79.04 },
} as const satisfies Record<string, Film>;

/** One stretch of viewing: from a place in the film, for so long by the clock. */
export interface Stretch {
  readonly startUs: number;
  readonly lengthMs: number;
}

/** What one viewer does: the first stretch begins the film, each further one follows a jump to anywhere it fits. */
export function stretchesOf(film: Film, random: Random): Stretch[] {
  const stretches: Stretch[] = [];
  for (let count = 1 + poisson(film.jumps, random); stretches.length < count; ) {
    const seconds = Math.min(exponential(film.stretchSeconds, random), film.lengthSeconds);
    const from = stretches.length === 0 ? 0 : random.next() * (film.lengthSeconds - seconds);
    stretches.push({ startUs: from * 1e6, lengthMs: seconds * 1000 });
  }
  return stretches;
}

/** Poisson by multiplying uniform numbers (Knuth, volume 2, 3.4.1); for small means. */
function poisson(mean: number, random: Random): number {
  const least = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > least; count++) product *= random.next();
  return count;
}
