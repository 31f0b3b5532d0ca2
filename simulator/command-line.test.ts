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
    expect(comparison).toMatchObject({ what: 'maxNeighbours', seeds: 2 });
    expect(comparison!.variants.map(({ label, apply }) => [label, apply(scenario!).settings.maxNeighbours])).toEqual([['8', 8], ['12', 12]]);
  });

  it('reads a comparison of policies, with the scenario before or after', () => {
    for (const words of [['compare', 'policy=rarest,mixed,deadline', '--scenario', 'flash-crowd', '--peers', '500', '--seeds', '5'], ['compare', 'flash-crowd', 'policy=rarest,mixed,deadline', '--peers', '500']]) {
      const { scenario, comparison } = readCommand(words);
      expect(scenario).toMatchObject({ name: 'flash-crowd', peers: 500 });
      expect(comparison).toMatchObject({ what: 'policy', seeds: 5 });
      expect(comparison!.variants.map(({ apply }) => apply(scenario!).policies.pieceOrder)).toEqual(['rarest', 'mixed', 'deadline']);
    }
    const { scenario, comparison } = readCommand(['compare', 'policy=fixed,proportional', '--scenario', 'live-steady']);
    expect(comparison!.variants.map(({ apply }) => apply(scenario!).offsetPolicy)).toEqual(['fixed', 'proportional']);
  });

  it('takes policies for one run', () => {
    expect(readCommand(['live-steady', '--policy', 'pull', '--policy', 'ranked']).scenario?.policies).toEqual({ delivery: 'pull', duty: 'ranked' });
  });

  it.each([
    [['compare', 'policy=rarest,never', '--scenario', 'flash-crowd'], /no policy "never"/],
    [['compare', 'policy=rarest,pull', '--scenario', 'flash-crowd'], /not answers to one question/],
    [['live-steady', '--policy', 'best'], /no policy "best"/],
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
