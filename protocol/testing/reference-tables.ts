/**
 * The tables of SPEC.md and docs/METRICS.md, written from the code that they describe. Limits take their reasons from
 * the comments in limits.ts, so that reason and number cannot part. `withSections` puts them between their markers.
 */
import { readFileSync } from 'node:fs';
import * as limits from '../limits.ts';
import { FEATURE, GOODBYE_REASON, MESSAGES, REJECT_REASON } from '../messages.ts';
import { METRICS } from '../metric-catalogue.ts';

type Row = readonly (string | number)[];

/** A Markdown table. */
export function table(head: Row, rows: readonly Row[]): string {
  const line = (row: Row): string => `| ${row.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string | number): string => `\`${text}\``;

export function messagesTable(): string {
  const rows = Object.entries(MESSAGES).map(([name, { type, body }]) => {
    const fields = body.label.slice(1, -1);
    return [type, code(name), fields === '' ? 'nothing' : code(fields)];
  });
  return table(['type', 'message', 'fields'], rows);
}

export function codesTable(): string {
  const rows = Object.entries({ 'hello.features': FEATURE, 'reject.reason': REJECT_REASON, 'goodbye.reason': GOODBYE_REASON }).map(
    ([field, codes]) => [code(field), Object.entries(codes).map(([name, value]) => `${code(name)} ${value}`).join(', ')],
  );
  return table(['field', 'values'], rows);
}

export function limitsTable(): string {
  const source = readFileSync(new URL('../limits.ts', import.meta.url), 'utf8');
  const values = limits as Readonly<Record<string, number>>;
  const rows = [...source.matchAll(/\/\*\* ([^*]*) \*\/\n((?:export const \w+ = .*;\n)+)/g)].flatMap(([, reason, constants]) =>
    [...constants!.matchAll(/export const (\w+)/g)].map(([, name]) => [code(name!), values[name!]!.toLocaleString('en'), reason!]),
  );
  return table(['limit', 'value', 'what and why'], rows);
}

export function metricsTable(): string {
  const rows = Object.entries(METRICS).map(([name, { type, unit, labels, help }]) => [
    code(name), type, unit, labels.map(code).join(', '), help,
  ]);
  return table(['name', 'type', 'unit', 'labels', 'meaning'], rows);
}

/** `text` with what stands between `<!-- generated: name -->` and `<!-- end -->` replaced. @throws when a marker is missing. */
export function withSections(text: string, sections: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, content] of Object.entries(sections)) {
    const start = `<!-- generated: ${name} -->\n`;
    const from = result.indexOf(start) + start.length;
    const to = result.indexOf('<!-- end -->', from);
    if (from < start.length || to < 0) throw new Error(`no markers for "${name}"`);
    result = `${result.slice(0, from)}${content}\n${result.slice(to)}`;
  }
  return result;
}

/** Pages with generated sections, by path below the project's root. */
export const PAGES: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  'protocol/SPEC.md': () => ({ messages: messagesTable(), codes: codesTable(), limits: limitsTable() }),
  'docs/METRICS.md': () => ({ metrics: metricsTable() }),
};
