/**
 * Runs a scenario second by second, with samples, audits and the closing-down at the end. The result depends on
 * scenario, seed and code alone.
 */
import { FLOW_WINDOW_MS } from '#protocol/metrics';
import { Auditor } from './invariants.ts';
import { measure, type ParentSamples, type RunResult, type Second } from './measures.ts';
import { checkScenario, type Scenario } from './scenario.ts';
import { mean, sum } from './statistics.ts';
import { World, type WorldOptions } from './world.ts';

const AUDIT_EVERY_SECONDS = 5;
/** Pause between two looks at who holds what, s. */
const HEALTH_EVERY_SECONDS = 5;

/** Replication health at one moment: peers that hold each chunk, from chunk `first` on. */
export interface Health {
  readonly second: number;
  readonly first: number;
  readonly copies: readonly number[];
}

export interface Run {
  readonly result: RunResult;
  readonly series: readonly Second[];
  readonly health: readonly Health[];
  /** Mean number of parents and mean change S, window after window. */
  readonly parents: readonly { readonly second: number; readonly parents: number | null; readonly s: number | null }[];
  /** As it was after everybody had left. */
  readonly world: World;
}

/** @throws SimulatorError when the scenario cannot be run. */
export function runScenario(scenario: Scenario, options: WorldOptions, onSecond?: (second: Second) => void): Run {
  checkScenario(scenario);
  const world = new World(scenario, options);
  const auditor = new Auditor(world);
  const series: Second[] = [];
  const health: Health[] = [];
  const parents: ParentSamples = { parents: [], s: [], x: [] };
  const windows: Run['parents'][number][] = [];
  for (let second = 1; second <= Math.ceil(scenario.durationSeconds); second++) {
    world.clock.runUntil(Math.min(second, scenario.durationSeconds) * 1000);
    for (const peer of world.present) peer.viewer.sample(world.wallMs);
    const sample = takeSample(world, second, series);
    series.push(sample);
    if (second % HEALTH_EVERY_SECONDS === 0) health.push(takeHealth(world, second));
    if ((second * 1000) % FLOW_WINDOW_MS === 0) {
      const before = parents.parents.length;
      closeWindows(world, parents);
      windows.push({ second, parents: mean(parents.parents.slice(before)), s: mean(parents.s.slice(before)) });
    }
    if (second % AUDIT_EVERY_SECONDS === 0) auditor.audit();
    onSecond?.(sample);
  }
  for (const peer of world.peers) peer.viewer.leave();
  const result = measure(world, options.seed, parents);
  world.closeDown();
  auditor.auditEnd();
  return { result: { ...result, violations: [...world.violations] }, series, health, parents: windows, world };
}

function takeSample(world: World, second: number, before: readonly Second[]): Second {
  const { present } = world;
  const all = world.peers.map((peer) => peer.traffic);
  const past = (of: (one: Second) => number): number => sum(before.map(of));
  return {
    second,
    viewers: present.length,
    stalled: present.filter((peer) => peer.viewer.isStalled).length,
    originBytes: world.originServer.sentBytes - past((one) => one.originBytes),
    peerBytes: sum(all.map((one) => one.receivedPayload)) - past((one) => one.peerBytes),
    controlBytes: sum(all.map((one) => one.sentControl)) - past((one) => one.controlBytes),
  };
}

function takeHealth(world: World, second: number): Health {
  const first = world.originServer.oldest;
  const copies = Array.from({ length: world.originServer.newest - first + 1 }, () => 0);
  for (const peer of world.present) {
    for (const chunk of peer.store.heldChunks) {
      if (chunk - first in copies) copies[chunk - first]!++;
    }
  }
  return { second, first, copies };
}

function closeWindows(world: World, samples: ParentSamples): void {
  for (const peer of world.present) {
    const change = peer.traffic.closeWindow();
    if (!change) continue;
    samples.parents.push(change.parents);
    if (change.s !== null) samples.s.push(change.s);
    if (change.x !== null) samples.x.push(change.x);
  }
}
