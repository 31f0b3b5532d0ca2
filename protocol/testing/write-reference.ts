/** Brings the generated sections of the reference pages up to date: `npx tsx protocol/testing/write-reference.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { PAGES, withSections } from './reference-tables.ts';

for (const [page, sections] of Object.entries(PAGES)) {
  const file = new URL(`../../${page}`, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const after = withSections(before, sections());
  if (after !== before) writeFileSync(file, after);
}
