// Lint: the strict typed rules of typescript-eslint, who may import whom, and what the pure floors must not touch.
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { floorsRule } from './scripts/lint/floors.js';

const TESTS = ['**/*.test.ts', '**/*.test.tsx', '**/*.contract.ts', '**/testing/**'];
const ANY = 'any';
const BELOW_BROWSER = ['client/engine', 'protocol'];
const BELOW_SERVER = ['signaling-server/tracker', 'protocol'];
const INGEST = ['ingest', 'ingest/node'];
const SERVER_PARTS = ['signaling-server/sockets', 'signaling-server/seeder', 'signaling-server/store'];
const EVERY_FLOOR = [
  'protocol', ...INGEST, 'client/engine', 'client/publishing', 'client/browser', 'client/node', 'client/player', 'signaling-server',
  'signaling-server/tracker', 'signaling-server/publishing', ...SERVER_PARTS, 'hosting', 'simulator', 'bench', 'e2e', 'scripts',
];

/**
 * Who may import whom; the longest path that contains a file counts. A file listed by its own path is a composition
 * root and may reach its whole side. Packages: 'any', or the ones named.
 * @type {import('./scripts/lint/floors.js').Floor[]}
 */
const FLOORS = [
  { path: 'protocol', floors: [], packages: ['@noble/*', 'zod'] },
  // Packaging, the same in pages and in Node; what reads files and starts programs is apart.
  { path: 'ingest', floors: ['protocol'], packages: ['mediabunny'] },
  { path: 'ingest/node', floors: ['ingest', 'protocol'], packages: ANY },
  { path: 'client/engine', floors: ['protocol'], packages: [] },
  // A host's requests, the same in pages and in Node.
  { path: 'client/publishing', floors: ['protocol'], packages: ['@noble/*'] },
  { path: 'client/browser', floors: ['client/publishing', 'ingest', ...BELOW_BROWSER], packages: ANY },
  // The peer without a screen reuses those adapters that run in Node as they are.
  { path: 'client/node', floors: ['client/browser', ...BELOW_BROWSER], packages: ANY },
  { path: 'client/player', floors: ['client/browser', ...BELOW_BROWSER], packages: ANY },
  { path: 'signaling-server/tracker', floors: ['protocol'], packages: [] },
  ...SERVER_PARTS.map((part) => ({ path: part, floors: BELOW_SERVER, packages: ANY })),
  {
    path: 'signaling-server/publishing',
    floors: ['signaling-server/seeder', 'signaling-server/sockets', 'signaling-server/store', 'ingest', 'ingest/node', ...BELOW_SERVER],
    packages: ANY,
  },
  { path: 'signaling-server', floors: ['signaling-server/publishing', ...SERVER_PARTS, 'client/publishing', ...INGEST, ...BELOW_SERVER], packages: ANY },
  // The command line of hosts: the server, packaging and a peer without a screen in one process.
  { path: 'hosting', floors: ['client/publishing', 'signaling-server', ...SERVER_PARTS, ...INGEST, ...BELOW_SERVER, ...BELOW_BROWSER, 'client/publishing', 'client/browser', 'client/node', 'scripts'], packages: ANY },
  { path: 'simulator', floors: [...BELOW_BROWSER, 'signaling-server/tracker'], packages: [] },
  { path: 'simulator/main.ts', floors: ['simulator', ...BELOW_BROWSER, 'signaling-server/tracker'], packages: ANY },
  { path: 'bench', floors: EVERY_FLOOR, packages: ANY },
  { path: 'e2e', floors: EVERY_FLOOR, packages: ANY },
  { path: 'scripts', floors: ['signaling-server'], packages: ANY },
];

const PURE = ['protocol/**/*.ts', 'client/engine/**/*.ts', 'signaling-server/tracker/**/*.ts'];
const WHY_PURE = 'Time, chance and the outside world come in through ports here, so that one seed replays everything.';
const IMPURE_GLOBALS = [
  'performance', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate',
  'queueMicrotask', 'requestAnimationFrame', 'Promise', 'fetch', 'crypto', 'window', 'document', 'navigator', 'self',
  'globalThis', 'process', 'Buffer', 'console', 'WebSocket', 'RTCPeerConnection',
];
const FLOOR_RULES = { 'tributary/floors': ['error', { root: import.meta.dirname, floors: FLOORS }] };

export default defineConfig(
  globalIgnores(['node_modules/', 'dist/', '.cache/', 'data/', 'test-results/', 'playwright-report/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { tributary: { rules: { floors: floorsRule } } },
    rules: {
      ...FLOOR_RULES,
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers and booleans read well in messages; what must not slip in is an object.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => setter(value)` is how handlers are written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Loops over bytes and bitmaps index what they have just bounded; `!` says so and is checked in review.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: PURE,
    ignores: TESTS,
    rules: {
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS.map((name) => ({ name, message: WHY_PURE }))],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: WHY_PURE },
        { object: 'Date', property: 'now', message: WHY_PURE },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: `No async functions. ${WHY_PURE}` },
        // `new Date(ms)` only writes a given moment down; without arguments it reads a clock.
        { selector: ':matches(NewExpression[arguments.length=0], CallExpression)[callee.name="Date"]', message: WHY_PURE },
        { selector: 'AwaitExpression, ForOfStatement[await=true]', message: `No await. ${WHY_PURE}` },
        { selector: 'ImportExpression', message: `No dynamic import. ${WHY_PURE}` },
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      // Fakes implement interfaces whose methods have nothing to do, and async fakes nothing to wait for.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['client/player/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
);
