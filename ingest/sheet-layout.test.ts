// Sheets of pictures for films of all lengths and shapes.
import { describe, expect, it } from 'vitest';
import { layOutSheet, sizeWithin } from './sheet-layout.ts';

describe('the size of a picture for the seek bar', () => {
  it.each([
    [{ width: 1920, height: 1080 }, { width: 160, height: 90 }],
    [{ width: 1080, height: 1920 }, { width: 90, height: 160 }],
    [{ width: 4000, height: 10 }, { width: 160, height: 2 }],
  ])('of %j is %j', (film, size) => expect(sizeWithin(film)).toEqual(size));
});

describe('the sheet', () => {
  it.each([
    [1, { every: 1, columns: 1, rows: 1, count: 1 }],
    [3, { every: 1, columns: 3, rows: 1, count: 3 }],
    [30, { every: 1, columns: 10, rows: 3, count: 30 }],
    [101, { every: 2, columns: 10, rows: 6, count: 51 }],
    [3600, { every: 36, columns: 10, rows: 10, count: 100 }],
  ])('of %i chunks', (chunkCount, { count, ...layout }) => {
    const sheet = layOutSheet({ width: 640, height: 360 }, chunkCount);
    expect(sheet).toMatchObject(layout);
    expect(sheet.chunks).toHaveLength(count);
    expect(sheet.chunks.at(-1)).toBe((count - 1) * layout.every);
  });
});
