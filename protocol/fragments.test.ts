import { expect, it } from 'vitest';
import { fragmentStartMs } from './fragments.ts';

it.each([
  [0, 0],
  [99, 0],
  [100, 100],
  [499, 100],
  [500, 500],
  [999, 500],
  [1_940, 1_500],
])('what is %i ms into its chunk is shown with what begins at %i ms', (atMs, startMs) => {
  expect(fragmentStartMs(atMs)).toBe(startMs);
});
