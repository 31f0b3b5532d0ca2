/**
 * A run's figures as lines of text for a terminal.
 */
import type { RunResult, Spread } from './measures.ts';

const percent = (value: number | null, digits = 1): string => (value === null ? '-' : `${(100 * value).toFixed(digits)} %`);
const plain = (value: number | null, digits = 2): string => (value === null ? '-' : value.toFixed(digits));
const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1000).toFixed(2)} s`);
const spread = ({ p50, p95, max }: Spread): string => `p50 ${seconds(p50)}, p95 ${seconds(p95)}, worst ${seconds(max)}`;

/** What it took to run; the caller's to measure, since a run knows only virtual time. */
export interface Effort {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export function tableOf(result: RunResult, effort: Effort | null): string {
  const rows: [string, string][] = [
    ['viewers', `${result.arrived} came, ${result.viewersStarted} started, ${result.viewersFinished} watched to the end`],
    ['origin copies', `${plain(result.originCopies)} (${(result.originBytes / 1e6).toFixed(1)} MB for a copy of ${(result.copyBytes / 1e6).toFixed(1)} MB)`],
    ['offload', percent(result.offload)],
    ['efficiency E', `${plain(result.efficiency, 3)} (the seeder must send ${percent(result.leastSeederShare, 2)})`],
    ['stalls', `${result.stalls}, ${seconds(result.stalledMs)} in all, ${result.viewersStalled} viewers`],
    ['continuity', `${percent(result.continuity, 3)}; ${percent(result.viewersSmooth)} of viewers at 99.9 % or more`],
    ['start-up', spread(result.startupMs)],
    ['behind the source', result.lagMs.p50 === null ? '-' : spread(result.lagMs)],
    ['control', percent(result.controlShare, 2)],
    ['wasted', percent(result.wastedShare, 2)],
    ['most loaded uploader', `${plain(result.mostLoadedRatio)} times what it downloaded`],
    ['parents', `${plain(result.parents, 1)}; S ${plain(result.parentChangeS)}, X ${plain(result.parentChangeX)} per 20 s`],
    ['jumps', result.seeks === 0 ? '-' : `${result.seeks}, to the next picture ${spread(result.seekMs)}`],
    ['fluency, satisfaction', `${plain(result.fluency, 4)}, ${plain(result.satisfaction, 4)}`],
    ['upload fairness', `${plain(result.uploadFairness)} (Jain's index)`],
    ['held at the end', result.health === null ? '-' : `by ${result.health.h0} peers, ${plain(result.health.h1, 1)} whole copies, rarest chunk ${result.health.minimum} times; ${percent(result.smootherShare, 0)} in one run`],
    ['cost of download', result.costOfDownloadMs === null ? '-' : `${plain(result.costOfDownloadMs, 1)} ms`],
    ['messages', `${result.messages} (${result.events} events)`],
  ];
  if (effort) {
    const peersPerSecond = (result.arrived * result.seconds) / (effort.cpuMs / 1000);
    rows.push(['effort', `${seconds(effort.wallMs)} wall, ${seconds(effort.cpuMs)} CPU, ${Math.round(peersPerSecond)} peer-seconds a CPU second`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const verdict = result.violations.map((violation) => `  BROKEN INVARIANT  ${violation}`);
  return [`${result.scenario}, seed ${result.seed}, ${result.seconds} s`, ...lines, ...verdict, ''].join('\n');
}
