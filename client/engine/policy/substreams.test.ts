import { describe, expect, it } from 'vitest';
import { substreamOf } from './substreams.ts';

describe('substreams', () => {
  it('S-2: are stretches that cover every piece once, in order, and as evenly as whole pieces allow', () => {
    for (const pieces of [1, 3, 8, 9, 17, 64, 2048]) {
      for (const of of [1, 4, 8]) {
        const found = Array.from({ length: pieces }, (_, piece) => substreamOf(piece, pieces, of));
        const expected = Array.from({ length: of }, (_, s) => {
          const count = Math.floor(((s + 1) * pieces) / of) - Math.floor((s * pieces) / of);
          return Array.from({ length: count }, () => s);
        }).flat();
        expect(found).toEqual(expected);
      }
    }
  });
});
