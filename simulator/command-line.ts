/**
 * Reads the words after `npm run simulate --`: a scenario's name and what differs from it.
 */
import { SETTINGS, type Settings } from '#engine/settings';
import type { Comparison } from './compare.ts';
import { SimulatorError, type Scenario } from './scenario.ts';
import { choiceOf, policyNames, withPolicy } from './scenario-policies.ts';
import { findScenario } from './scenarios/catalogue.ts';

export interface Command {
  readonly action: 'run' | 'list' | 'help';
  readonly scenario: Scenario | null;
  readonly seed: number | string;
  readonly isJson: boolean;
  readonly usesRealHashes: boolean;
  readonly reportPath: string | null;
  /** Set by the word `compare`. */
  readonly comparison: Comparison | null;
}

export const USAGE = `npm run simulate -- SCENARIO [options]
npm run simulate -- compare policy=NAME,NAME,... --scenario SCENARIO [options]
npm run simulate -- compare SETTING=VALUE,VALUE,... --scenario SCENARIO [options]
  --scenario NAME        the same as NAME alone
  --list                 the scenarios there are
  --peers N              viewers
  --seed S               a number or a word; the same seed gives the same result (default 1)
  --seconds N            virtual time
  --chunk-seconds N      length of a chunk
  --bitrate N            payload, bits a second
  --churn N              part of the viewers replaced each minute, 0 to 10
  --offset N             live: chunks between the edge and a new viewer
  --set NAME=VALUE       a setting of every engine, as often as you like
  --policy NAME          a policy other than the default, as often as you like
  --seeds N              compare: runs for each value (default 5)
  --real-hashes          SHA-256 and Ed25519 instead of the cheap stand-in
  --report FILE          an HTML page with the run in pictures
  --json                 the result as one line of JSON
policies: ${policyNames()}
`;

const NUMBERS = {
  '--peers': 'peers',
  '--seconds': 'durationSeconds',
  '--chunk-seconds': 'chunkSeconds',
  '--bitrate': 'bitsPerSecond',
  '--churn': 'churnPerMinute',
  '--offset': 'liveOffsetChunks',
} as const satisfies Record<string, keyof Scenario>;

function numberOf(text: string | undefined, what: string): number {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isFinite(value)) throw new SimulatorError(`${what} needs a number, not "${text ?? ''}".`);
  return value;
}

/** One setting and its values, checked. */
function valuesOf(text: string | undefined): { name: keyof Settings; values: number[] } {
  const [name = '', list] = (text ?? '').split('=');
  if (!Object.hasOwn(SETTINGS, name)) {
    throw new SimulatorError(`There is no setting "${name}"; there are ${Object.keys(SETTINGS).join(', ')}.`);
  }
  const { min, max, unit } = SETTINGS[name as keyof Settings];
  const values = (list ?? '').split(',').map((one) => numberOf(one, name));
  for (const value of values) {
    if (value < min || value > max) throw new SimulatorError(`${name} must be from ${min} to ${max} ${unit}, not ${value}.`);
  }
  return { name: name as keyof Settings, values };
}

function settingOf(text: string | undefined): Partial<Settings> {
  const { name, values } = valuesOf(text);
  if (values.length > 1) throw new SimulatorError(`--set ${name} takes one value; compare takes several.`);
  return { [name]: values[0]! };
}

/** `policy=...` with names of one choice, or a setting with its values. */
function comparedOf(word: string): Omit<Comparison, 'seeds'> {
  if (!word.startsWith('policy=')) {
    const { name, values } = valuesOf(word);
    return { what: name, variants: values.map((value) => ({ label: String(value), apply: (one) => ({ ...one, settings: { ...one.settings, [name]: value } }) })) };
  }
  const names = word.slice('policy='.length).split(',');
  const [first, other] = [...new Set(names.map(choiceOf))];
  if (other !== undefined) throw new SimulatorError(`These are not answers to one question: some choose ${first}, some ${other}.`);
  return { what: 'policy', variants: names.map((name) => ({ label: name, apply: (one) => withPolicy(one, name) })) };
}

function oneScenario(before: Scenario | null, name: string): Scenario {
  if (before) throw new SimulatorError(`One scenario at a time: "${before.name}" or "${name}"?`);
  return findScenario(name);
}

/** @throws SimulatorError with one sentence when it does not understand. */
export function readCommand(words: readonly string[]): Command {
  let scenario: Scenario | null = null;
  let changes: Partial<Scenario> = {};
  let settings: Partial<Settings> = {};
  const policies: string[] = [];
  const command = { action: 'run' as Command['action'], seed: 1 as number | string, isJson: false, usesRealHashes: false, reportPath: null as string | null };
  let isComparing = false;
  let compared: ReturnType<typeof comparedOf> | null = null;
  let seeds = 5;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--list') command.action = 'list';
    else if (word === '--help') command.action = 'help';
    else if (word === '--json') command.isJson = true;
    else if (word === '--real-hashes') command.usesRealHashes = true;
    else if (word === '--seed') command.seed = seedOf(rest.shift());
    else if (word === '--set') settings = { ...settings, ...settingOf(rest.shift()) };
    else if (word === '--policy') policies.push(rest.shift() ?? '');
    else if (word === '--scenario') scenario = oneScenario(scenario, rest.shift() ?? '');
    else if (word === 'compare') isComparing = true;
    else if (word === '--seeds') seeds = countOf(rest.shift(), '--seeds');
    else if (isComparing && word.includes('=')) compared = comparedOf(word);
    else if (word === '--report') command.reportPath = fileOf(rest.shift());
    else if (Object.hasOwn(NUMBERS, word)) {
      const key = NUMBERS[word as keyof typeof NUMBERS];
      changes = { ...changes, [key]: numberOf(rest.shift(), word) };
    } else if (word.startsWith('-')) throw new SimulatorError(`There is no option "${word}"; --help shows the ones there are.`);
    else scenario = oneScenario(scenario, word);
  }
  if (command.action === 'run' && !scenario) throw new SimulatorError('Which scenario? --list shows the ones there are.');
  if (scenario) scenario = { ...scenario, ...changes, settings: { ...scenario.settings, ...settings } };
  for (const name of policies) scenario = scenario && withPolicy(scenario, name);
  if (isComparing && !compared) throw new SimulatorError('Compare what? Name policies or a setting and its values: policy=rarest,mixed or maxNeighbours=8,12,16.');
  const comparison = compared && { ...compared, seeds };
  return { ...command, scenario, comparison };
}

function countOf(text: string | undefined, what: string): number {
  const value = numberOf(text, what);
  if (!Number.isInteger(value) || value < 1) throw new SimulatorError(`${what} must be a whole number from 1 on, not ${value}.`);
  return value;
}

function seedOf(text: string | undefined): number | string {
  if (text === undefined || text === '') throw new SimulatorError('--seed needs a number or a word.');
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function fileOf(text: string | undefined): string {
  if (text === undefined || text === '') throw new SimulatorError('--report needs a file name.');
  return text;
}
