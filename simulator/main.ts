/**
 * `npm run simulate`: the composition root. Real time, files and the terminal are here and nowhere else in the
 * simulator.
 */
import { accessSync, constants, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createEngine } from '#engine/engine';
import { compare, comparedTable, type Comparison } from './compare.ts';
import { readCommand, USAGE, type Command } from './command-line.ts';
import type { Second } from './measures.ts';
import { reportOf } from './report.ts';
import { realCrypto } from './testing/real-crypto.ts';
import { runScenario } from './run.ts';
import { SimulatorError, type Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/catalogue.ts';
import { tableOf } from './table.ts';

const PROGRESS_WIDTH = 30;

function showProgress(scenario: Scenario, { second, viewers, stalled }: Second, before = ''): void {
  const done = Math.round((PROGRESS_WIDTH * second) / scenario.durationSeconds);
  const bar = `${'#'.repeat(done)}${'.'.repeat(Math.max(0, PROGRESS_WIDTH - done))}`;
  const isLast = second >= scenario.durationSeconds;
  process.stderr.write(isLast ? '\r\u001b[K' : `\r${before}[${bar}] ${second} s, ${viewers} viewers, ${stalled} waiting \u001b[K`);
}

/** Processor time since then, ms. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Before a long run rather than after it. @throws SimulatorError */
function checkWritable(file: string): void {
  try {
    accessSync(path.dirname(path.resolve(file)), constants.W_OK);
  } catch {
    throw new SimulatorError(`The report cannot be written: the folder of ${file} does not exist or may not be written to.`);
  }
}

/** @throws SimulatorError when the file cannot be written. */
function writeReport(file: string, html: string): void {
  try {
    writeFileSync(file, html);
  } catch (error) {
    throw new SimulatorError(`The report cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function simulate(scenario: Scenario, command: Command): void {
  if (command.reportPath !== null) checkWritable(command.reportPath);
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const run = runScenario(
    scenario,
    { seed: command.seed, createEngine, ...(command.usesRealHashes ? { crypto: realCrypto(String(command.seed)) } : {}) },
    (second) => {
      if (process.stderr.isTTY) showProgress(scenario, second);
    },
  );
  const { result } = run;
  if (command.reportPath !== null) writeReport(command.reportPath, reportOf(run));
  process.stdout.write(command.isJson ? `${JSON.stringify(result)}\n` : tableOf(result, { wallMs: performance.now() - startedMs, cpuMs: cpuSince(startedCpu) }));
  if (result.violations.length > 0) sayAgain();
}

function compareVariants(scenario: Scenario, comparison: Comparison, isJson: boolean): void {
  const rows = compare(scenario, comparison, (one, seed, label) => {
    const { result } = runScenario(one, { seed, createEngine }, (second) => {
      if (process.stderr.isTTY) showProgress(one, second, `${label}, seed ${seed}: `);
    });
    return result;
  });
  if (isJson) {
    for (const { label, results } of rows) for (const result of results) process.stdout.write(`${JSON.stringify({ [comparison.what]: label, ...result })}\n`);
  } else {
    process.stdout.write(`${scenario.name}, ${scenario.peers} peers, mean of seeds 1 to ${comparison.seeds} (smallest..largest)\n\n${comparedTable(comparison.what, rows)}`);
  }
  if (rows.some(({ results }) => results.some(({ violations }) => violations.length > 0))) sayAgain();
}

/** A broken invariant: what to type to see it again. */
function sayAgain(): void {
  process.exitCode = 1;
  process.stderr.write(`Again: npm run simulate -- ${process.argv.slice(2).join(' ')}\n`);
}

function main(): void {
  try {
    const command = readCommand(process.argv.slice(2));
    if (command.action === 'help') process.stdout.write(USAGE);
    else if (command.action === 'list') {
      const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
      for (const { name, summary } of SCENARIOS) process.stdout.write(`${name.padEnd(width)}  ${summary}\n`);
    } else if (command.comparison) compareVariants(command.scenario!, command.comparison, command.isJson);
    else simulate(command.scenario!, command);
  } catch (error) {
    if (!(error instanceof SimulatorError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

main();
