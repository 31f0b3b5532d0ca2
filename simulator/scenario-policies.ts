/**
 * All policies a scenario can choose among, by name: the engine's, and where live viewers start.
 */
import { POLICY_NAMES } from '#engine/policy/policies';
import { OFFSET_POLICIES } from './initial-offset.ts';
import { SimulatorError, type Scenario } from './scenario.ts';

const CHOICES: Readonly<Record<string, readonly string[]>> = { ...POLICY_NAMES, offset: OFFSET_POLICIES };

/** Names by choice, the default of each first. */
export const policyNames = (): string => Object.entries(CHOICES).map(([kind, names]) => `${kind}: ${names.join(', ')}`).join('; ');

/** The choice a name belongs to. @throws SimulatorError when there is no such policy. */
export function choiceOf(name: string): string {
  const found = Object.entries(CHOICES).find(([, names]) => names.includes(name));
  if (!found) throw new SimulatorError(`There is no policy "${name}"; there are ${policyNames()}.`);
  return found[0];
}

/** The same scenario under that policy. @throws SimulatorError when there is none of that name. */
export function withPolicy(scenario: Scenario, name: string): Scenario {
  const choice = choiceOf(name);
  if (choice === 'offset') return { ...scenario, offsetPolicy: name as Scenario['offsetPolicy'] };
  return { ...scenario, policies: { ...scenario.policies, [choice]: name } };
}
