// Real browsers, whichever this machine has. One test at a time and no second try: a test that passes only sometimes
// is a fault, and two at once would fight for the same cores.
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import { findBrowsers, type FoundBrowser } from '../scripts/browsers.ts';

type Project = NonNullable<PlaywrightTestConfig['projects']>[number];

const CHROMIUM_ARGS = [
  '--no-sandbox', // CI runs as root, where Chromium's sandbox cannot start
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns', // mDNS candidates do not resolve without a multicast network
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--disable-gpu',
  '--mute-audio',
];

const FIREFOX_PREFERENCES = {
  'media.autoplay.default': 0, // allow playing without a click
  'media.autoplay.blocking_policy': 0,
  'media.peerconnection.ice.obfuscate_host_addresses': false, // as WebRtcHideLocalIpsWithMdns above
  'media.volume_scale': '0.0',
  'app.update.auto': false,
};

function project({ name, executablePath, channel }: FoundBrowser): Project {
  const launchOptions = {
    executablePath,
    ...(name === 'chromium' ? { args: CHROMIUM_ARGS } : {}),
    ...(name === 'firefox' ? { firefoxUserPrefs: FIREFOX_PREFERENCES } : {}),
  };
  return { name, use: { browserName: name, launchOptions, ...(channel === undefined ? {} : { channel }) } };
}

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  workers: 1,
  retries: 0,
  timeout: 60_000,
  forbidOnly: process.env.CI !== undefined,
  reporter: 'list',
  use: {
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: findBrowsers().map(project),
});
