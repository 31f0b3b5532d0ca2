// The lint configuration guards the floors; these cases are the violations it must catch, and neighbours it must not.
import { ESLint } from 'eslint';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Rules that need no types: what is tested here is the project's own part of the configuration. */
const OURS = ['tributary/floors', 'no-restricted-globals', 'no-restricted-properties', 'no-restricted-syntax'];

const eslint = new ESLint({
  cwd: ROOT,
  ruleFilter: ({ ruleId }) => OURS.includes(ruleId),
  // The files are not on disk, and none of these rules asks for types.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false, project: null } } },
});

async function violations(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const FLOORS = 'tributary/floors';

describe('imports between floors', () => {
  it.each([
    ['protocol/x.ts', '#engine/swarm', FLOORS],
    ['protocol/x.ts', 'hls.js', FLOORS],
    ['protocol/x.ts', 'node:fs', FLOORS],
    ['protocol/x.ts', '@noble/hashes/sha2.js', undefined],
    ['protocol/x.ts', 'zod', undefined],
    ['protocol/x.ts', 'vitest', FLOORS],
    ['protocol/x.test.ts', 'vitest', undefined],
    ['client/engine/policy/x.ts', '#protocol/ids', undefined],
    ['client/engine/policy/x.ts', '../swarm.ts', undefined],
    ['client/engine/policy/x.ts', '#engine/swarm', FLOORS],
    ['client/engine/policy/x.ts', '../../../protocol/ids.ts', FLOORS],
    ['client/engine/x.ts', 'zod', FLOORS],
    ['client/engine/x.ts', '#browser/viewer', FLOORS],
    ['client/browser/x.ts', '#engine/swarm', undefined],
    ['client/browser/x.ts', '#node/main', FLOORS],
    ['client/browser/x.ts', '#server/main', FLOORS],
    ['client/player/x.tsx', '#browser/viewer', undefined],
    ['client/player/x.tsx', '#server/main', FLOORS],
    ['client/node/x.ts', '#engine/swarm', undefined],
    ['client/node/x.ts', '#browser/viewer', undefined],
    ['signaling-server/tracker/x.ts', '#protocol/ids', undefined],
    ['signaling-server/tracker/x.ts', '../store/channels.ts', FLOORS],
    ['signaling-server/tracker/x.ts', 'socket.io', FLOORS],
    ['signaling-server/sockets/x.ts', '../tracker/swarms.ts', undefined],
    ['signaling-server/sockets/x.ts', 'socket.io', undefined],
    ['signaling-server/sockets/x.ts', '../store/channels.ts', FLOORS],
    ['signaling-server/sockets/x.ts', '#engine/swarm', FLOORS],
    ['signaling-server/main.ts', './store/channels.ts', undefined],
    ['signaling-server/main.ts', '#engine/swarm', FLOORS],
    ['simulator/x.ts', '#server/tracker/swarms', undefined],
    ['simulator/x.ts', '#server/sockets/server', FLOORS],
    ['simulator/x.ts', '#browser/viewer', FLOORS],
    ['simulator/x.ts', 'node:fs', FLOORS],
    ['simulator/main.ts', 'node:fs', undefined],
    ['simulator/main.ts', './x.ts', undefined],
  ])('%s importing %s reports %s', async (file, specifier, expected) => {
    for (const code of [`import { a } from '${specifier}';\nvoid a;`, `export * from '${specifier}';`]) {
      expect(await violations(file, code)).toEqual(expected === undefined ? [] : [expected]);
    }
  });
});

describe('time, chance and effects on the pure floors', () => {
  const impure = [
    'Date.now()', 'new Date()', 'Date()', 'Math.random()', 'performance.now()', 'setTimeout(f, 1)', 'setInterval(f, 1)',
    'queueMicrotask(f)', 'new Promise(f)', 'Promise.resolve()', 'async () => 1', "fetch('x')", 'window', 'document',
    'process', 'console.log(1)', 'globalThis', 'crypto', "import('x')",
  ];
  const pure = ['new Date(5).toISOString()', 'Math.floor(1.5)', 'new Uint8Array(1)', 'new TextEncoder()'];

  it.each(['protocol/x.ts', 'client/engine/policy/x.ts', 'signaling-server/tracker/x.ts'])('are caught in %s', async (file) => {
    for (const expression of impure) {
      expect(await violations(file, `export const a = ${expression};`), expression).not.toEqual([]);
    }
    for (const expression of pure) {
      expect(await violations(file, `export const a = ${expression};`), expression).toEqual([]);
    }
  });

  it.each(['protocol/x.test.ts', 'client/engine/testing/x.ts', 'client/browser/x.ts', 'signaling-server/main.ts'])(
    'are allowed in %s',
    async (file) => {
      for (const expression of impure.filter((each) => !each.startsWith('import'))) {
        expect(await violations(file, `export const a = ${expression};`), expression).toEqual([]);
      }
    },
  );
});
