/**
 * When viewers come, in ms from the beginning, in order.
 */
import type { Random } from '#engine/ports';
import type { Arrivals } from './scenario.ts';

/** Exponential with the given mean. */
export const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random.next());

export function arrivalTimes(arrivals: Arrivals, count: number, random: Random): number[] {
  switch (arrivals.kind) {
    case 'at-once':
      return Array.from({ length: count }, () => 0);
    case 'staggered':
      return Array.from({ length: count }, (_, at) => at * arrivals.everyMs);
    case 'flash':
      return Array.from({ length: count }, () => random.next() * arrivals.overMs).sort((a, b) => a - b);
    case 'poisson': {
      let now = 0;
      return Array.from({ length: count }, () => (now += exponential(1000 / arrivals.perSecond, random)));
    }
  }
}
