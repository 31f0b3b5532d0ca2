/**
 * Where the movie fragments of a chunk begin that is several of them (`isProgressive`): a few frames, then steps of half a
 * second. What is packaged here keeps to it; a player can show a fragment when all of it is there, and nothing sooner.
 */

/** Length of the first fragment, seconds: little more than the keyframe, so that little stands before the first frame. */
export const FIRST_FRAGMENT_S = 0.1;
/** The others end at multiples of this, seconds. */
export const FRAGMENT_STEP_S = 0.5;

/** Where the fragment begins that holds what is `atMs` into its chunk, ms into the chunk too. */
export function fragmentStartMs(atMs: number): number {
  const stepMs = FRAGMENT_STEP_S * 1000;
  if (atMs >= stepMs) return Math.floor(atMs / stepMs) * stepMs;
  return atMs >= FIRST_FRAGMENT_S * 1000 ? FIRST_FRAGMENT_S * 1000 : 0;
}
