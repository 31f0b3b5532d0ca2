import { createEngine } from '#engine/engine';
import type { Engine } from '#engine/engine-api';
import type { ChunkIndex } from '#protocol/ids';
import { describe, expect, it, vi } from 'vitest';
import { runScenario, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { findScenario } from './scenarios/catalogue.ts';
import type { EngineFactory } from './sim-peer.ts';
import { MAIN_STREAM } from './synthetic-channel.ts';
import { realCrypto } from './testing/real-crypto.ts';

// A run takes as long as the machine takes; how long that is, is no matter of these tests.
vi.setConfig({ testTimeout: 120_000 });

const small = (name: string, changes: Partial<Scenario> = {}): Scenario => ({ ...findScenario(name), ...changes });
const LIVE = small('live-steady', { peers: 8, durationSeconds: 20, arrivals: { kind: 'flash', overMs: 4000 } });
const run = (scenario: Scenario, factory: EngineFactory = createEngine, seed = 3): Run => runScenario(scenario, { seed, createEngine: factory });

/** The real engine with some methods bent; the others are bound to it, since they use its private parts. */
const bent =
  (change: (engine: Engine, ports: Parameters<EngineFactory>[0]) => Partial<Engine>): EngineFactory =>
  (ports, options) => {
    const engine = createEngine(ports, options);
    const changed = change(engine, ports);
    return new Proxy(engine, {
      get: (_target, name) => {
        const method: unknown = Reflect.get(changed, name) ?? Reflect.get(engine, name);
        return typeof method === 'function' ? (method.bind(engine) as unknown) : method;
      },
    });
  };

describe('a run', () => {
  it('is the same to the byte for the same seed, and another for another', () => {
    const [one, same, other] = [run(LIVE), run(LIVE), run(LIVE, createEngine, 4)];
    expect(JSON.stringify(same.result)).toBe(JSON.stringify(one.result));
    expect(JSON.stringify(same.series)).toBe(JSON.stringify(one.series));
    expect(other.result.events).not.toBe(one.result.events);
  });

  it('comes out the same with SHA-256 and Ed25519 in place of their cheap stand-ins', () => {
    const scenario = small('vod-staggered-8', { peers: 4, durationSeconds: 40, channelSeconds: 20 });
    const cheap = run(scenario).result;
    const real = runScenario(scenario, { seed: 3, createEngine, crypto: realCrypto('run') }).result;
    expect(real).toEqual(cheap);
  });

  it.each(['vod-staggered-8', 'vod-at-once-10', 'live-staggered-8', 'live-at-once-10'])('of %s plays for everybody without a stall', (name) => {
    const scenario = findScenario(name);
    const { result } = run(scenario);
    expect(result).toMatchObject({ viewersStarted: scenario.peers, stalls: 0, violations: [] });
    if (scenario.kind === 'vod') expect(result.viewersFinished).toBe(scenario.peers);
  });

  it('pushes in a swarm larger than a neighbourhood: fewer words, and nobody waits', () => {
    const scenario = small('live-steady', { peers: 40, durationSeconds: 30, arrivals: { kind: 'flash', overMs: 4000 } });
    const [push, pull] = [run({ ...scenario, policies: { delivery: 'push' } }).result, run({ ...scenario, policies: { delivery: 'pull' } }).result];
    expect(push).toMatchObject({ stalls: 0, violations: [] });
    expect(push.messages).toBeLessThan(0.7 * pull.messages);
  });

  it('survives churn with everything accounted for', () => {
    const { result } = run({ ...LIVE, churnPerMinute: 4 });
    expect(result.arrived).toBeGreaterThan(LIVE.peers);
    expect(result.violations).toEqual([]);
  });
});

describe('the invariants', () => {
  it('catch an engine that stores what it has not verified', () => {
    const careless = bent((engine, { store }) => ({
      start: () => {
        engine.start();
        store.put(MAIN_STREAM, 60 as ChunkIndex, new Uint8Array(1000));
      },
    }));
    expect(run(LIVE, careless).result.violations[0]).toMatch(/stored wrong bytes as chunk 60/);
  });

  it('catch an engine that leaves a timer behind', () => {
    const leaky = bent((engine, { clock }) => ({
      close: () => {
        engine.close();
        const again = (): void => void clock.after(1000, again);
        again();
      },
    }));
    expect(run(LIVE, leaky).result.violations[0]).toMatch(/left behind 1 timers/);
  });

  it('catch an engine that leaves links behind', () => {
    const leaky = bent(() => ({ close: () => undefined }));
    expect(run(LIVE, leaky).result.violations[0]).toMatch(/left behind \d+ timers, \d+ links/);
  });

  it('catch a chunk that never comes', () => {
    const deaf = bent(() => ({ getChunk: () => () => undefined }));
    expect(run({ ...LIVE, peers: 2, durationSeconds: 40 }, deaf).result.violations[0]).toMatch(/has waited for a chunk since/);
  });
});
