/**
 * docs/SETTINGS.md, written from the table in settings.ts. Bring it up to date with
 * `npx tsx client/engine/testing/write-settings.ts`; settings.test.ts notices when it is not.
 */
import { table } from '#protocol/testing/reference-tables';
import { SETTINGS } from '../settings.ts';

export const SETTINGS_PAGE = new URL('../../../docs/SETTINGS.md', import.meta.url);

const HEAD = `# Settings of the engine

Generated from \`client/engine/settings.ts\` by \`npx tsx client/engine/testing/write-settings.ts\`; do not edit. Browsers, the headless peer and the simulator share these values. What bounds strangers is not here: those are the limits in \`protocol/SPEC.md\`, which both sides of a wire must agree on.
`;

export function settingsPage(): string {
  const rows = Object.entries(SETTINGS).map(([name, { default: value, min, max, unit, reason }]) => [
    `\`${name}\``, value.toLocaleString('en'), `${min.toLocaleString('en')} to ${max.toLocaleString('en')}`, unit, reason,
  ]);
  return `${HEAD}\n${table(['setting', 'default', 'range', 'unit', 'what and why'], rows)}\n`;
}
