/**
 * Hands out classes to peers so that the shares are met as exactly as whole peers allow, in an order of chance.
 */
import type { Random } from '#engine/ports';

/** `count` values in seeded order; each of `shares` appears its share of times (largest remainder). */
export function dealOut<T>(shares: readonly { readonly value: T; readonly share: number }[], count: number, random: Random): T[] {
  const exact = shares.map(({ value, share }, order) => ({ value, order, whole: Math.floor(share * count + 1e-9), rest: (share * count) % 1 }));
  let missing = count - exact.reduce((sum, { whole }) => sum + whole, 0);
  for (const one of [...exact].sort((a, b) => b.rest - a.rest || a.order - b.order)) {
    if (missing <= 0) break;
    one.whole++;
    missing--;
  }
  return shuffle(exact.flatMap(({ value, whole }) => Array.from({ length: whole }, () => value)), random);
}

/** Fisher and Yates; in place. */
export function shuffle<T>(values: T[], random: Random): T[] {
  for (let at = values.length - 1; at > 0; at--) {
    const other = Math.floor(random.next() * (at + 1));
    [values[at], values[other]] = [values[other]!, values[at]!];
  }
  return values;
}
