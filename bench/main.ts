/**
 * `npm run bench`: measures in real browsers what the project promises, prints a table and writes JSON. A missed target
 * is a result and exits with 0; a bench that could not measure exits with 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.ts';
import { findClip } from './clip.ts';
import { describeCommit, describeMachine, loadNow, sumStalls, writeText, type BenchReport, type MeasuredRun } from './report.ts';
import type { Run } from './run.ts';
import { RUNS } from './runs.ts';

interface Choice {
  readonly runs: readonly Run[];
  readonly jsonFile: string;
  readonly isQuick: boolean;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const USAGE = `Usage: npm run bench -- [run ...] [--json file] [--quick]

${RUNS.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

  --json <file>    where the figures go as JSON (default .cache/bench/latest.json)
  --quick          shorter and rougher, to try something out

Without a name all of them run, one after the other.`;

/** @throws BenchError with one sentence. */
function choose(args: readonly string[]): Choice | 'help' {
  const rest = [...args];
  const runs: Run[] = [];
  let [jsonFile, isQuick] = [path.join(ROOT, '.cache/bench/latest.json'), false];
  while (rest.length > 0) {
    const word = rest.shift()!;
    const run = RUNS.find(({ name }) => name === word);
    if (word === '--help') return 'help';
    else if (word === '--quick') isQuick = true;
    else if (word === '--json' && rest[0] !== undefined) jsonFile = path.resolve(rest.shift()!);
    else if (run !== undefined) runs.push(run);
    else throw new BenchError(`"${word}" is neither a run nor an option; --help lists both.`);
  }
  return { runs: runs.length > 0 ? runs : RUNS, jsonFile, isQuick };
}

const log = (line: string): void => console.error(`  ${line}`);

async function bench({ runs, jsonFile, isQuick }: Choice): Promise<void> {
  const clip = findClip(log);
  const startedAt = new Date().toISOString();
  const measured: MeasuredRun[] = [];
  for (const run of runs) {
    console.error(`${run.name}: ${run.about}`);
    const [startedMs, loadBefore, runStartedAt] = [performance.now(), loadNow(), new Date().toISOString()];
    const result = await run.measure({ clip: clip.path, isQuick, log });
    measured.push({ name: run.name, startedAt: runStartedAt, seconds: (performance.now() - startedMs) / 1000, load: [loadBefore, loadNow()], result });
  }
  const stalls = sumStalls(measured);
  const figures = [...measured.flatMap(({ result }) => result.figures), ...(stalls === null ? [] : [stalls])];
  const report: BenchReport = { startedAt, commit: describeCommit(), machine: describeMachine(), isQuick, caveat: clip.caveat, figures, runs: measured };
  mkdirSync(path.dirname(jsonFile), { recursive: true });
  writeFileSync(jsonFile, `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\n${writeText(report)}\nJSON: ${jsonFile}`);
}

try {
  const choice = choose(process.argv.slice(2));
  if (choice === 'help') console.log(USAGE);
  else await bench(choice);
} catch (error) {
  console.error(error instanceof BenchError ? error.message : error);
  process.exitCode = 1;
}
