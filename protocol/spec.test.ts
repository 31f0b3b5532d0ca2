import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { paths } from './paths.ts';
import { PAGES, withSections } from './testing/reference-tables.ts';

const ROOT = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const spec = read('protocol/SPEC.md');
const rules = [...spec.matchAll(/^- \*\*([A-Z]-\d+)\*\* (.*)$/gm)].map(([, id, text]) => ({ id: id!, text: text! }));

const FLOORS = ['protocol', 'client', 'signaling-server', 'simulator', 'bench', 'e2e'];
const sources = FLOORS.flatMap((floor) =>
  readdirSync(new URL(`${floor}/`, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${floor}/${file}`),
);

describe('reference pages', () => {
  it.each(Object.keys(PAGES))('%s says what the code says (npx tsx protocol/testing/write-reference.ts)', (page) => {
    const text = read(page);
    expect(text).toBe(withSections(text, PAGES[page]!()));
  });

  it.each(Object.entries(paths))('docs/PROTOCOL.md lists the route of %s', (_name, path) => {
    const [channel, stream, index] = [':id', ':stream', ':index'] as unknown as [never, never, never];
    const route = typeof path === 'string' ? path : (path as (...parts: unknown[]) => string)(channel, stream, index, ':extension');
    // A picture's second part is its hash.
    expect(read('docs/PROTOCOL.md')).toContain(`\`GET ${route.split('?')[0]!.replace('picture/:stream', 'picture/:hash')}`);
  });
});

describe('SPEC.md', () => {
  it('gives each rule an id of its own, in order, and a reason', () => {
    const ids = rules.map((rule) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const letter of new Set(ids.map((id) => id[0]))) {
      const numbers = ids.filter((id) => id.startsWith(`${letter!}-`)).map((id) => Number(id.slice(2)));
      expect(numbers, letter).toEqual(numbers.map((_, at) => at + 1));
    }
    for (const { id, text } of rules) expect(text, id).toMatch(/\. \*[^*]+\.\*$/);
  });

  it('has every rule that code and tests quote', () => {
    const known = new Set(rules.map((rule) => rule.id));
    const quotes = (text: string): string[] => [
      ...[...text.matchAll(/SPEC ([A-Z]-\d+)/g)].map(([, id]) => id!),
      // Names of tests and sentences of message-rules.ts: 'A-2, A-3: …'.
      ...[...text.matchAll(/['"`]((?:[A-Z]-\d+, )*[A-Z]-\d+): /g)].flatMap(([, ids]) => ids!.split(', ')),
    ];
    const missing = sources.flatMap((file) => quotes(read(file)).filter((id) => !known.has(id)).map((id) => `${file} quotes ${id}`));
    expect(missing).toEqual([]);
  });
});
