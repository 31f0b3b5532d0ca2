// Finds the real browsers the end-to-end tests can drive: one named by the environment, one that Playwright has
// downloaded, or one installed on the system. Finding only; getting a missing one is ensure-browsers.ts's job.
import { chromium, firefox, webkit } from '@playwright/test';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

export type BrowserName = 'chromium' | 'firefox' | 'webkit';

export interface FoundBrowser {
  readonly name: BrowserName;
  readonly executablePath: string;
  /** Playwright channel that speaks to it: a system Firefox is driven over WebDriver BiDi, not Playwright's own protocol. */
  readonly channel?: 'moz-firefox';
}

/** Environment variables that name a browser's program, before any other place is looked at. */
export const PATH_VARIABLES: Readonly<Record<BrowserName, string>> = {
  chromium: 'CHROMIUM_PATH',
  firefox: 'FIREFOX_PATH',
  webkit: 'WEBKIT_PATH',
};

/** How a Chromium under test or measurement is started, wherever one is. */
export const CHROMIUM_ARGS: readonly string[] = [
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

interface Candidates {
  readonly ownPath: () => string;
  /** Program names looked up in PATH, then full paths. */
  readonly system: readonly string[];
  readonly channel?: 'moz-firefox';
}

const CANDIDATES: Readonly<Record<BrowserName, Candidates>> = {
  chromium: {
    ownPath: () => chromium.executablePath(),
    system: [
      'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
  },
  firefox: {
    ownPath: () => firefox.executablePath(),
    system: [
      'firefox-esr', 'firefox',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
    channel: 'moz-firefox',
  },
  // A system Safari cannot be driven by Playwright: only its own build of WebKit counts.
  webkit: { ownPath: () => webkit.executablePath(), system: [] },
};

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Full path of a program in PATH, or of a path that is already full; undefined where there is none. */
export function findProgram(nameOrPath: string): string | undefined {
  if (path.isAbsolute(nameOrPath)) return isProgram(nameOrPath) ? nameOrPath : undefined;
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, nameOrPath))
    .find(isProgram);
}

/** The browser of that name, or undefined. A path given by the environment wins, then Playwright's own, then the system's. */
export function findBrowser(name: BrowserName): FoundBrowser | undefined {
  const { ownPath, system, channel } = CANDIDATES[name];
  const given = process.env[PATH_VARIABLES[name]];
  const own = ownPath();
  if (given === undefined && isProgram(own)) return { name, executablePath: own };
  const executablePath = given === undefined ? system.map(findProgram).find((found) => found !== undefined) : findProgram(given);
  if (executablePath === undefined) return undefined;
  return channel === undefined ? { name, executablePath } : { name, executablePath, channel };
}

/** Every browser found, in the order the tests run them. */
export function findBrowsers(): FoundBrowser[] {
  return (['chromium', 'firefox', 'webkit'] as const).map(findBrowser).filter((found) => found !== undefined);
}
