/** Shares and counts in words. */

const NO_BREAK = '\u00a0';

/**
 * A share of 0..1 as whole per cent. What is not quite everything never reads as 100 %, and what is not quite nothing
 * never as 0 %: those two figures are claims.
 */
export function formatShare(ratio: number): string {
  const clamped = Math.min(1, Math.max(0, Number.isFinite(ratio) ? ratio : 0));
  const rounded = Math.round(clamped * 100);
  const percent = clamped < 1 && rounded === 100 ? 99 : clamped > 0 && rounded === 0 ? 1 : rounded;
  return `${percent}${NO_BREAK}%`;
}

/** A small share with one decimal, for overheads: "0.8 %". */
export const formatSmallShare = (ratio: number): string =>
  `${(Math.max(0, Number.isFinite(ratio) ? ratio : 0) * 100).toFixed(1)}${NO_BREAK}%`;

/** "1 viewer", "5 viewers". */
export const countOf = (count: number, noun: string): string => `${count}${NO_BREAK}${noun}${count === 1 ? '' : 's'}`;
