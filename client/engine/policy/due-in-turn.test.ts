import { expect, it } from 'vitest';
import { dueAfterMs } from './due-in-turn.ts';

it.each([
  ['the first frames with the chunk', 50, 200, 0],
  ['what follows as well', 300, 200, 0],
  ['later pieces with their fragment', 1_250, 200, 1_000],
  ['several fragments together where answers take long', 1_250, 700, 700],
  ['all of it at once where playback waits for it', 1_900, Infinity, 0],
])('%s', (_name, atMs, stepMs, dueMs) => {
  expect(dueAfterMs(atMs, stepMs)).toBe(dueMs);
});
