/**
 * The same scenario under several policies or values of one setting, each over the same seeds, as one table to decide by.
 */
import type { RunResult } from './measures.ts';
import type { Scenario } from './scenario.ts';
import { mean } from './statistics.ts';

export interface Comparison {
  /** `policy`, or a setting's name: heads the table's first column. */
  readonly what: string;
  readonly variants: readonly { readonly label: string; readonly apply: (scenario: Scenario) => Scenario }[];
  readonly seeds: number;
}

export interface ComparedRow {
  readonly label: string;
  readonly results: readonly RunResult[];
}

/** `run` carries a single run out; seeds are 1 to `seeds`. */
export function compare(scenario: Scenario, { variants, seeds }: Comparison, run: (scenario: Scenario, seed: number, label: string) => RunResult): ComparedRow[] {
  return variants.map(({ label, apply }) => ({
    label,
    results: Array.from({ length: seeds }, (_, at) => run(apply(scenario), at + 1, label)),
  }));
}

const COLUMNS: readonly (readonly [name: string, digits: number, of: (result: RunResult) => number | null])[] = [
  ['copies', 2, (result) => result.originCopies],
  ['offload', 4, (result) => result.offload],
  ['E', 3, (result) => result.efficiency],
  ['stalls', 1, (result) => result.stalls],
  ['continuity', 5, (result) => result.continuity],
  ['start-up p95 ms', 0, (result) => result.startupMs.p95],
  ['lag p95 ms', 0, (result) => result.lagMs.p95],
  ['control', 4, (result) => result.controlShare],
  ['wasted', 4, (result) => result.wastedShare],
  ['most loaded', 2, (result) => result.mostLoadedRatio],
  ['S', 3, (result) => result.parentChangeS],
  ['cost ms', 1, (result) => result.costOfDownloadMs],
];

/** Means over the seeds and, where they differ, smallest and largest; as a Markdown table. */
export function comparedTable(what: string, rows: readonly ComparedRow[]): string {
  const cell = (results: readonly RunResult[], digits: number, of: (result: RunResult) => number | null): string => {
    const values = results.flatMap((result) => of(result) ?? []);
    const middle = mean(values);
    if (middle === null) return '-';
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
    return low === high ? middle.toFixed(digits) : `${middle.toFixed(digits)} (${low}..${high})`;
  };
  const lines = rows.map(({ label, results }) => `| ${label} | ${COLUMNS.map(([, digits, of]) => cell(results, digits, of)).join(' | ')} | ${results.reduce((sum, one) => sum + one.violations.length, 0)} |`);
  return [
    `| ${what} | ${COLUMNS.map(([name]) => name).join(' | ')} | broken |`,
    `|${'---|'.repeat(COLUMNS.length + 2)}`,
    ...lines,
    '',
  ].join('\n');
}
