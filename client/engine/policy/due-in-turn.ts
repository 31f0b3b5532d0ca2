/**
 * When the pieces of a chunk are due that is played before its end is here (docs/decisions/0001): each with the beginning
 * of the half second that it is part of. A movie fragment is that long, and a player shows it when it has all of it; the
 * short one at a chunk's beginning is not worth a question of its own, nor a halt behind it.
 */
import { FRAGMENT_STEP_S } from '#protocol/fragments';

/**
 * How long after the chunk's own moment a piece is due that holds what is `atMs` into it.
 * @param stepMs how much media one question to the seeder should bring at least; Infinity is the whole chunk
 */
export function dueAfterMs(atMs: number, stepMs: number): number {
  if (stepMs === Infinity) return 0;
  const step = Math.max(FRAGMENT_STEP_S * 1000, stepMs);
  return Math.floor(atMs / step) * step;
}
