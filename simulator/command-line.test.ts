import { describe, expect, it } from 'vitest';
import { readCommand } from './command-line.ts';
import { checkScenario, SimulatorError } from './scenario.ts';
import { SCENARIOS } from './scenarios/catalogue.ts';

const sentenceOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof SimulatorError) return error.message;
    throw error;
  }
  return '';
};

describe('command line', () => {
  it('changes what it is told to and nothing else', () => {
    const { scenario, seed, isJson } = readCommand(['live-steady', '--peers', '50', '--seed', '7', '--json', '--set', 'maxNeighbours=8', '--set', 'tickMs=50']);
    expect(scenario).toMatchObject({ name: 'live-steady', peers: 50, chunkSeconds: 1, settings: { maxNeighbours: 8, tickMs: 50 } });
    expect([seed, isJson]).toEqual([7, true]);
    expect(readCommand(['flash-crowd', '--seed', 'monday']).seed).toBe('monday');
  });

  it('reads a comparison', () => {
    const { scenario, comparison } = readCommand(['compare', 'vod-steady', 'maxNeighbours=8,12', '--peers', '20', '--seeds', '2']);
    expect(scenario).toMatchObject({ name: 'vod-steady', peers: 20 });
    expect(comparison).toEqual({ setting: 'maxNeighbours', values: [8, 12], seeds: 2 });
  });

  it.each([
    [['compare', 'vod-steady'], /Compare what/],
    [['live-steady', '--set', 'tickMs=50,60'], /takes one value/],
    [['nowhere'], /no scenario "nowhere"/],
    [[], /Which scenario/],
    [['live-steady', '--peers', 'many'], /--peers needs a number/],
    [['live-steady', '--set', 'speed=3'], /no setting "speed"/],
    [['live-steady', '--set', 'tickMs=5'], /tickMs must be from 10 to 1000 ms/],
    [['live-steady', '--fast'], /no option "--fast"/],
    [['live-steady', 'upload-poor'], /One scenario at a time/],
    [['live-steady', '--seed'], /--seed needs/],
  ])('answers %j with one sentence', (words, sentence) => {
    expect(sentenceOf(() => readCommand(words))).toMatch(sentence);
  });
});

describe('scenarios', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s can be run', (_name, scenario) => {
    checkScenario(scenario);
  });

  it.each([
    [{ peers: 0 }, /peers must be/],
    [{ peers: 1.5 }, /peers must be/],
    [{ durationSeconds: 0 }, /duration must be more than 0/],
    [{ bitsPerSecond: 100e6 }, /could never play/],
    [{ churnPerMinute: -1 }, /churn/],
    [{ classes: [] }, /must add up to 1/],
    [{ faults: [{ atSeconds: 1e6, kind: 'killOrigin' as const }] }, /after the end/],
  ])('with %j are refused with one sentence', (change, sentence) => {
    expect(sentenceOf(() => checkScenario({ ...SCENARIOS[0]!, classes: [{ name: 'all', share: 1, upBytesPerSecond: 1e6, downBytesPerSecond: 1e6 }], ...change }))).toMatch(sentence);
  });
});
