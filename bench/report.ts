/** Puts figures before people and programs: the table, how each figure was taken, and the JSON. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import type { Figure, RunResult } from './run.ts';

export interface MeasuredRun {
  readonly name: string;
  readonly startedAt: string;
  readonly seconds: number;
  /** One-minute load average of the machine before and after; above the number of cores, figures of time are worth little. */
  readonly load: readonly [number, number];
  readonly result: RunResult;
}

export interface BenchReport {
  readonly startedAt: string;
  readonly commit: string;
  readonly machine: { readonly cores: number; readonly model: string };
  readonly isQuick: boolean;
  readonly caveat: string | null;
  readonly figures: readonly Figure[];
  readonly runs: readonly MeasuredRun[];
}

const COLUMNS = ['run', 'target', 'floor', 'measured', 'met'] as const;

export function writeTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, target, floor, shown, isMet }) => [name, target, floor, shown, isMet === null ? '' : isMet ? 'yes' : 'NO']);
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(COLUMNS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function writeText({ commit, machine, isQuick, caveat, figures, runs }: BenchReport): string {
  const parts = [writeTable(figures), 'How each figure was measured:', ...figures.map(({ name, how }) => `- ${name}: ${how}`)];
  for (const { name, seconds, load, result } of runs) {
    parts.push('', `${name}: ${Math.round(seconds)} s, load average ${load.map((value) => value.toFixed(1)).join(' before and ')} after`, ...result.remarks.map((remark) => `  ${remark}`));
  }
  parts.push('', `Commit ${commit}, ${machine.cores} cores (${machine.model}).`);
  if (isQuick) parts.push('--quick: shorter and rougher than the figures of the targets; to try things out, not to quote.');
  if (caveat !== null) parts.push(caveat);
  return parts.join('\n');
}

/** All runs' stalls as one row, as the table of targets has it. */
export function sumStalls(runs: readonly MeasuredRun[]): Figure | null {
  const counted = runs.flatMap(({ result }) => result.stalls ?? []);
  if (counted.length < 2) return null;
  const count = counted.reduce((sum, stalls) => sum + stalls.count, 0);
  const ms = counted.reduce((sum, stalls) => sum + stalls.ms, 0);
  return {
    name: 'stalls after the first frame, all runs',
    target: '0',
    floor: '0',
    measured: count,
    shown: String(count),
    isMet: count === 0,
    how: `Of all Tributary viewers in ${counted.length} runs, ${Math.round(ms)} ms in all.`,
  };
}

export const loadNow = (): number => loadavg()[0] ?? NaN;

export const describeMachine = (): BenchReport['machine'] => ({ cores: cpus().length, model: cpus()[0]?.model ?? 'unknown' });

/** The commit measured, with a + when files differ from it; `unknown` outside a git working tree. */
export function describeCommit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
