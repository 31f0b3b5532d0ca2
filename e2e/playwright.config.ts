// Real browsers, whichever this machine has. One test at a time and no second try: a test that passes only sometimes
// is a fault, and two at once would fight for the same cores.
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import { findBrowsers, type FoundBrowser } from '../scripts/browsers.ts';
import { launchOptionsOf } from './fixtures/browsers.ts';

type Project = NonNullable<PlaywrightTestConfig['projects']>[number];

/** What every browser must show; the rest is about behaviour that does not depend on the browser, and Chromium's job. */
const EVERYWHERE = /@everywhere/;

function project(found: FoundBrowser): Project {
  const { name, channel } = found;
  return {
    name,
    ...(name === 'chromium' ? {} : { grep: EVERYWHERE }),
    use: { browserName: name, launchOptions: launchOptionsOf(found), ...(channel === undefined ? {} : { channel }) },
  };
}

export default defineConfig({
  testDir: './specs',
  testMatch: '**/*.spec.ts',
  globalSetup: './fixtures/global-setup.ts',
  outputDir: '../test-results',
  workers: 1,
  retries: 0,
  // Conditions are named and waited for: these bounds cost nothing while things work, and a busy machine needs them.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: 'list',
  use: {
    actionTimeout: 30_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: findBrowsers().map(project),
});
