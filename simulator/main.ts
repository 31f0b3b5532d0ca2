/**
 * `npm run simulate`: the composition root. Real time, files and the terminal are here and nowhere else in the
 * simulator.
 */
import { createEngine } from '#engine/engine';
import { readCommand, USAGE, type Command } from './command-line.ts';
import type { Second } from './measures.ts';
import { realCrypto } from './testing/real-crypto.ts';
import { runScenario } from './run.ts';
import { SimulatorError, type Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/catalogue.ts';
import { tableOf } from './table.ts';

const PROGRESS_WIDTH = 30;

function showProgress(scenario: Scenario, { second, viewers, stalled }: Second): void {
  const done = Math.round((PROGRESS_WIDTH * second) / scenario.durationSeconds);
  const bar = `${'#'.repeat(done)}${'.'.repeat(Math.max(0, PROGRESS_WIDTH - done))}`;
  const isLast = second >= scenario.durationSeconds;
  process.stderr.write(isLast ? '\r\u001b[K' : `\r[${bar}] ${second} s, ${viewers} viewers, ${stalled} waiting \u001b[K`);
}

/** Processor time since then, ms. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function simulate(scenario: Scenario, command: Command): void {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const { result } = runScenario(
    scenario,
    { seed: command.seed, createEngine, ...(command.usesRealHashes ? { crypto: realCrypto(String(command.seed)) } : {}) },
    (second) => {
      if (process.stderr.isTTY) showProgress(scenario, second);
    },
  );
  process.stdout.write(command.isJson ? `${JSON.stringify(result)}\n` : tableOf(result, { wallMs: performance.now() - startedMs, cpuMs: cpuSince(startedCpu) }));
  if (result.violations.length === 0) return;
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
    } else simulate(command.scenario!, command);
  } catch (error) {
    if (!(error instanceof SimulatorError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

main();
