// The built client in dist/client: whether it is older than what it is made of, and making it. For `npm start` and for
// the end-to-end tests, which must never meet yesterday's pages.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = 'dist/client/index.html';
/** Everything a build reads. */
const SOURCES = ['client/player', 'client/browser', 'client/engine', 'protocol', 'vite.config.ts', 'package-lock.json'];

/** Newest change below a file or folder, in ms since the epoch. Tests do not count: they are not built. */
function newestChangeMs(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || /\.test\.tsx?$/.test(file)) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // The folder's own time tells of deleted and renamed files.
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newestChangeMs(path.join(file, name))));
}

function needsBuild(): boolean {
  const built = path.join(ROOT, BUILT);
  if (!existsSync(built)) return true;
  const builtMs = statSync(built).mtimeMs;
  return SOURCES.some((source) => newestChangeMs(path.join(ROOT, source)) > builtMs);
}

/** Builds the client when there is no build or a source is newer than it. */
export async function buildClientIfStale(): Promise<void> {
  if (!needsBuild()) return;
  console.error('Building the client (once, and again after its sources change) …');
  const { build } = await import('vite');
  await build({ configFile: path.join(ROOT, 'vite.config.ts'), logLevel: 'error' });
}
