/**
 * The key tags of a live stream whose source changes them: those that chunks of the window still need, and those that
 * begin now. Viewers read the description again where a discontinuity is, and find them there (SPEC D-5).
 */
import type { StreamDescription } from './description.ts';

type StreamKey = NonNullable<StreamDescription['keys']>[number];

/**
 * @param keys in force from chunk `from` on, empty where nothing is encrypted any more
 * @param oldest index of the oldest chunk that can still be asked for
 * @returns nothing where there is no key at all.
 */
export function continueKeys(before: Pick<StreamDescription, 'keys'> | undefined, keys: readonly Omit<StreamKey, 'from'>[], { from, oldest }: { readonly from: number; readonly oldest: number }): Pick<StreamDescription, 'keys'> {
  const known = (before?.keys ?? []).filter((key) => key.from < from);
  const inForce = known.findLast((key) => key.from <= oldest)?.from ?? 0;
  const kept = known.filter((key) => key.from >= inForce);
  const last = kept.filter((key) => key.from === kept.at(-1)?.from);
  const wanted = keys.length === 0 && last.length > 0 ? [{ attributes: 'METHOD=NONE' }] : keys;
  const isSame = JSON.stringify(last.map(({ from: _, ...key }) => key)) === JSON.stringify(wanted);
  const all = isSame ? kept : [...kept, ...wanted.map((key) => ({ from, ...key }))];
  return all.length === 0 ? {} : { keys: all };
}
