/**
 * When the pieces of a chunk are due that is played before its end is here (docs/decisions/0001): each with the beginning
 * of the movie fragment that it is part of, since a player shows a fragment when it has all of it.
 */
import { FRAGMENT_STEP_S, fragmentStartMs } from '#protocol/fragments';

/**
 * How long after the chunk's own moment a piece is due that holds what is `atMs` into it.
 * @param stepMs how much media one question to the seeder should bring at least; Infinity is the whole chunk
 */
export function dueAfterMs(atMs: number, stepMs: number): number {
  if (stepMs === Infinity) return 0;
  return stepMs <= FRAGMENT_STEP_S * 1000 ? fragmentStartMs(atMs) : Math.min(fragmentStartMs(atMs), Math.floor(atMs / stepMs) * stepMs);
}
