// `npm test`: every check one after another, each shown as it runs, none skipped because an earlier one failed. Ends with
// one line, `N passed, N failed`, that adds up the tests of all stages; lint, types and build count as one each.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Stage {
  readonly title: string;
  /** Script below node_modules (or the project) and its arguments, run by this Node. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Report that names the tests one by one; a stage without one counts as a single test. */
  readonly report?: { readonly file: string; readonly read: (report: unknown) => Counts };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number; readonly skipped: number };
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPORTS = path.join(ROOT, '.cache/test');
const VITEST_REPORT = path.join(REPORTS, 'vitest.json');
const PLAYWRIGHT_REPORT = path.join(REPORTS, 'playwright.json');

function countVitest(report: unknown): Counts {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report as VitestReport;
  // A file that fails before its first test (a bad import) has no failed test of its own.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + brokenFiles.length,
    skipped: numPendingTests + numTodoTests,
  };
}

function countPlaywright(report: unknown): Counts {
  const { expected, unexpected, flaky, skipped } = (report as PlaywrightReport).stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

const STAGES: readonly Stage[] = [
  { title: 'lint', command: ['node_modules/eslint/bin/eslint.js', '.'] },
  { title: 'types', command: ['node_modules/typescript/bin/tsc', '-b'] },
  {
    title: 'unit, property and simulation tests',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`],
    report: { file: VITEST_REPORT, read: countVitest },
  },
  { title: 'build', command: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'] },
  { title: 'browsers', command: ['--import', 'tsx', 'scripts/ensure-browsers.ts'] },
  {
    title: 'end-to-end tests in real browsers',
    command: ['node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts', '--pass-with-no-tests', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: PLAYWRIGHT_REPORT },
    report: { file: PLAYWRIGHT_REPORT, read: countPlaywright },
  },
];

/** Runs a stage to its end with its output shown; true if it exited with 0. */
async function execute(stage: Stage): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, stage.command, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...stage.env },
    });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

function count(stage: Stage, succeeded: boolean): Counts {
  if (stage.report === undefined) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = stage.report.read(JSON.parse(readFileSync(stage.report.file, 'utf8')));
  } catch (cause) {
    console.error(`No readable report from "${stage.title}": ${String(cause)}`);
  }
  // A crash outside any test, such as an unhandled rejection, must not be lost.
  return succeeded || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
const total = { passed: 0, failed: 0, skipped: 0 };
const failedStages: string[] = [];
for (const stage of STAGES) {
  console.log(`\n=== ${stage.title}`);
  const startedMs = performance.now();
  const counts = count(stage, await execute(stage));
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  if (counts.failed > 0) failedStages.push(stage.title);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`--- ${stage.title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`);
}
if (failedStages.length > 0) console.log(`\nFailed: ${failedStages.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;
