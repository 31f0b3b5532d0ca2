// Lint rule: a floor imports only the floors and packages it is allowed to see. The table of who may import whom
// is in eslint.config.js; this file only resolves a specifier (relative or `#alias/...`) to a floor and looks it up.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} Floor
 * @property {string} path folder or file below the project's root, without a slash at the end
 * @property {readonly string[]} floors other floors it may import, named by their path
 * @property {readonly string[] | 'any'} packages npm packages and `node:` modules it may import; `@scope/*` covers a scope
 */

const TEST_FILE = /(\.test\.tsx?|\.contract\.ts)$|\/testing\//;
const TEST_PACKAGES = ['vitest', 'fast-check', 'node:*'];

/**
 * The floor that owns a file: the one with the longest path that contains it.
 * @param {readonly Floor[]} floors
 * @param {string} file path below the root, with forward slashes
 */
export function floorOf(floors, file) {
  return floors
    .filter((floor) => file === floor.path || file.startsWith(`${floor.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/**
 * @param {readonly string[] | 'any'} allowed
 * @param {string} name package name or `node:` module
 */
function allowsPackage(allowed, name) {
  if (allowed === 'any') return true;
  return allowed.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

/** @param {string} specifier */
function packageName(specifier) {
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/**
 * The path below the root that a `#alias/...` or relative specifier points to, or undefined for a package.
 * @param {string} specifier
 * @param {string} fromFile absolute
 * @param {string} root absolute
 * @param {Record<string, string>} aliases the `imports` of package.json
 */
function projectPath(specifier, fromFile, root, aliases) {
  if (specifier.startsWith('.')) {
    return path.relative(root, path.resolve(path.dirname(fromFile), specifier)).split(path.sep).join('/');
  }
  for (const [alias, target] of Object.entries(aliases)) {
    const prefix = alias.slice(0, -1);
    if (specifier.startsWith(prefix)) {
      return path.posix.normalize(target.replace('*', specifier.slice(prefix.length)));
    }
  }
  return undefined;
}

/** @type {import('eslint').Rule.RuleModule} */
export const floorsRule = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { root: { type: 'string' }, floors: { type: 'array' } } }],
    messages: {
      floor: '{{from}} may not import from {{to}} ("{{specifier}}"). It may import: {{allowed}}.',
      package: '{{from}} may not import the package "{{name}}".',
      alias: 'Inside {{from}}, import by relative path; between floors, by #alias ("{{specifier}}").',
      outside: '"{{specifier}}" belongs to no floor. Give its folder a line in the table of eslint.config.js.',
    },
  },
  create(context) {
    const { root, floors } = /** @type {{ root: string, floors: readonly Floor[] }} */ (context.options[0]);
    const manifest = path.join(root, 'package.json');
    const aliases = existsSync(manifest)
      ? /** @type {{ imports: Record<string, string> }} */ (JSON.parse(readFileSync(manifest, 'utf8'))).imports
      : {};
    const file = path.relative(root, context.filename).split(path.sep).join('/');
    const from = floorOf(floors, file);
    if (!from) return {};
    const isTest = TEST_FILE.test(file);
    // Folders that have an alias: from outside one, its files are imported by that alias.
    const aliased = Object.values(aliases).map((target) => path.posix.normalize(target.slice(0, target.indexOf('*'))));

    /** @param {string} target */
    function leavesAliased(target) {
      return aliased.some((folder) => target.startsWith(folder) && !file.startsWith(folder));
    }

    /** @param {import('estree').Node | null | undefined} source */
    function check(source) {
      if (source?.type !== 'Literal' || typeof source.value !== 'string' || !from) return;
      const specifier = source.value;
      const target = projectPath(specifier, context.filename, root, aliases);
      if (target === undefined) {
        const name = packageName(specifier);
        if (allowsPackage(from.packages, name) || (isTest && allowsPackage(TEST_PACKAGES, name))) return;
        context.report({ node: source, messageId: 'package', data: { from: from.path, name } });
        return;
      }
      const to = floorOf(floors, target);
      if (!to) {
        if (isTest || from.packages === 'any') return;
        context.report({ node: source, messageId: 'outside', data: { specifier } });
      } else if (to !== from && !from.floors.includes(to.path)) {
        const allowed = from.floors.join(', ') || 'no other floor';
        context.report({ node: source, messageId: 'floor', data: { from: from.path, to: to.path, specifier, allowed } });
      } else if (specifier.startsWith('#') ? to === from : leavesAliased(target)) {
        context.report({ node: source, messageId: 'alias', data: { from: from.path, specifier } });
      }
    }

    return {
      ImportDeclaration: (node) => { check(node.source); },
      ExportNamedDeclaration: (node) => { check(node.source); },
      ExportAllDeclaration: (node) => { check(node.source); },
      ImportExpression: (node) => { check(node.source); },
    };
  },
};
