// Gets Chromium and Firefox for the end-to-end tests where they are missing: by Playwright's own download, else, as root
// on Debian and Ubuntu, from the distribution. Says in one sentence what cannot be had; fails only without any browser.
import { spawnSync } from 'node:child_process';
import { findBrowser, findBrowsers, findProgram, type BrowserName } from './browsers.ts';

const WANTED: readonly BrowserName[] = ['chromium', 'firefox'];
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = { chromium: 'chromium', firefox: 'firefox-esr' };
/** A first answer of the download server takes seconds at most; a slow download itself is not cut off. */
const CONNECTION_TIMEOUT_MS = 15_000;

function missing(): BrowserName[] {
  return WANTED.filter((name) => findBrowser(name) === undefined);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  // Standard output belongs to whoever called: progress goes to standard error.
  const result = spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
  return result.status === 0;
}

function downloadByPlaywright(names: readonly BrowserName[]): void {
  const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(CONNECTION_TIMEOUT_MS) };
  run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', ...names], env);
}

function canUseApt(): boolean {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
}

function installByApt(packages: readonly string[]): void {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], env);
  for (const name of packages) run('apt-get', ['install', '-y', '-q', '--no-install-recommends', name], env);
}

if (missing().length > 0) downloadByPlaywright(missing());
if (missing().length > 0 && canUseApt()) installByApt(missing().map((name) => DEBIAN_PACKAGES[name] ?? name));

const lacking = missing();
const found = findBrowsers();
for (const { name, executablePath } of found) console.error(`Browser for the tests: ${name} at ${executablePath}`);
if (lacking.length > 0) {
  console.error(
    `No ${lacking.join(' and no ')} here, and none could be installed: install one (npx playwright install, or your ` +
      'system\'s package) or name it in CHROMIUM_PATH or FIREFOX_PATH.',
  );
}
process.exitCode = found.length > 0 ? 0 : 1;
