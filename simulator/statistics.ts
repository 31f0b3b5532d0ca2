/**
 * The little statistics that results need.
 */

/** The smallest value that at least `share` of the values do not exceed (nearest rank); null without values. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : sum(values) / values.length);

/** To so many significant figures after the point, so that results are the same text everywhere. */
export const rounded = (value: number | null, digits = 4): number | null => (value === null ? null : Number(value.toFixed(digits)));
