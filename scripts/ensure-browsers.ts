// Gets Chromium and Firefox for the end-to-end tests where they are missing: by Playwright's own download, else, as root
// on Debian and Ubuntu, from the distribution. Says in one sentence what cannot be had; fails only without any browser.
import { spawnSync } from 'node:child_process';
import { findBrowser, findBrowsers, findProgram, PATH_VARIABLES, type BrowserName } from './browsers.ts';

const WANTED: readonly BrowserName[] = ['chromium', 'firefox'];
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = { chromium: 'chromium', firefox: 'firefox-esr' };
/** A first answer of the download server takes seconds at most; a slow download itself is not cut off. */
const CONNECTION_TIMEOUT_MS = 15_000;

function missing(): BrowserName[] {
  return WANTED.filter((name) => findBrowser(name) === undefined);
}

/** What an installation can mend. A path that the environment names wins over anything installed, even where it is wrong. */
function installable(): BrowserName[] {
  return missing().filter((name) => process.env[PATH_VARIABLES[name]] === undefined);
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

if (installable().length > 0) downloadByPlaywright(installable());
if (installable().length > 0 && canUseApt()) installByApt(installable().map((name) => DEBIAN_PACKAGES[name] ?? name));

const lacking = missing();
const misnamed = lacking.filter((name) => !installable().includes(name)).map((name) => PATH_VARIABLES[name]);
const found = findBrowsers();
for (const { name, executablePath } of found) console.error(`Browser for the tests: ${name} at ${executablePath}`);
if (misnamed.length > 0) console.error(`${misnamed.join(' and ')} must be the full path of a browser's program.`);
if (lacking.length > misnamed.length) {
  console.error(
    `No ${installable().join(' and no ')} here, and none could be installed: install one (npx playwright install, or your ` +
      'system\'s package) or name it in CHROMIUM_PATH or FIREFOX_PATH.',
  );
}
process.exitCode = found.length > 0 ? 0 : 1;
