import { describe, expect, it } from 'vitest';
import { fitInto, isTooMuch, PICTURES } from './live-picture.ts';

describe('the size of a live picture', () => {
  it.each([
    ['as it is, where it fits', 0, [640, 480], [640, 480]],
    ['a large screen', 0, [2560, 1440], [1280, 720]],
    ['a wide screen', 0, [3440, 1440], [1280, 536]],
    ['a phone held upright', 1, [720, 1280], [540, 960]],
    ['odd sides', 0, [641, 361], [642, 362]],
    ['the smallest', 3, [1920, 1080], [426, 240]],
  ] as const)('%s', (_what, step, [width, height], [fitWidth, fitHeight]) => {
    expect(fitInto(PICTURES[step]!, width, height)).toEqual({ width: fitWidth, height: fitHeight });
  });

  it.each([
    ['while nothing is known', [], false],
    ['for one bad moment', [1, 0.3, 1], false],
    ['for two', [1, 0.4, 0.4], false],
    ['when it stays', [1, 0.7, 0.8, 0.6], true],
    ['not for what is long over', [0.1, 0.1, 0.1, 1], false],
  ])('is too much %s: %j', (_when, reached, isSo) => {
    expect(isTooMuch(reached)).toBe(isSo);
  });
});
