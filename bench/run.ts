/** What a run is: something measured in real browsers, and the rows of the table that come of it. */

export interface Figure {
  /** The row's name, the same wherever the figure comes up. */
  readonly name: string;
  /** As a person reads it, such as "<= 1.10"; empty for a figure that is only told. */
  readonly target: string;
  readonly floor: string;
  /** Null when the run could not tell. */
  readonly measured: number | null;
  /** The figure with its unit, as printed. */
  readonly shown: string;
  /** Null for a figure without a target. */
  readonly isMet: boolean | null;
  /** How it was measured, one or two sentences. */
  readonly how: string;
}

export interface RunOptions {
  /** Full path of the clip every channel plays. */
  readonly clip: string;
  /** Shorter and rougher: to try something out, not to quote. */
  readonly isQuick: boolean;
  /** Progress for whoever waits. */
  readonly log: (line: string) => void;
}

export interface RunResult {
  readonly figures: readonly Figure[];
  /** Of all of this run's Tributary viewers together. */
  readonly stalls?: { readonly count: number; readonly ms: number };
  /** Everything else worth keeping, as JSON. */
  readonly details: unknown;
  /** More for people, printed below the table: where excess bytes came from. */
  readonly remarks: readonly string[];
}

export interface Run {
  readonly name: string;
  readonly about: string;
  measure(options: RunOptions): Promise<RunResult>;
}

/** A figure that should be at most `target`. */
export function atMost(target: number, figure: Pick<Figure, 'name' | 'floor' | 'how'> & { measured: number | null; unit?: string; digits?: number }): Figure {
  const { name, floor, how, measured, unit = '', digits = 2 } = figure;
  return {
    name,
    floor,
    how,
    measured,
    target: `<= ${target.toFixed(digits)}${unit}`,
    shown: show(measured, digits, unit),
    isMet: measured === null ? false : measured <= target,
  };
}

/** A figure that should be at least `target`. */
export function atLeast(target: number, figure: Pick<Figure, 'name' | 'floor' | 'how'> & { measured: number | null; unit?: string; digits?: number }): Figure {
  const { measured } = figure;
  return { ...atMost(target, figure), target: `>= ${target.toFixed(figure.digits ?? 2)}${figure.unit ?? ''}`, isMet: measured === null ? false : measured >= target };
}

/** A figure that is told beside the others, without a target. */
export function told(figure: Pick<Figure, 'name' | 'how'> & { measured: number | null; unit?: string; digits?: number }): Figure {
  const { name, how, measured, unit = '', digits = 2 } = figure;
  return { name, how, measured, target: '', floor: '', shown: show(measured, digits, unit), isMet: null };
}

const show = (measured: number | null, digits: number, unit: string): string => (measured === null ? 'unknown' : measured.toFixed(digits) + unit);

/** Middle value, the mean of the middle two of an even number; null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
