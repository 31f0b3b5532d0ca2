import { describe, expect, it } from 'vitest';
import { continueKeys } from './live-keys.ts';

const [A, B, NONE] = [{ attributes: 'METHOD=AES-128,URI="a"' }, { attributes: 'METHOD=AES-128,URI="b"' }, { attributes: 'METHOD=NONE' }];
const at = (from: number, key: { readonly attributes: string }): { from: number; attributes: string } => ({ from, ...key });

describe('the keys of a live stream', () => {
  it.each([
    ['none at all', undefined, [], 9, 0, undefined],
    ['its first', undefined, [A], 0, 0, [at(0, A)]],
    ['the same again', [at(0, A)], [A], 9, 0, [at(0, A)]],
    ['another', [at(0, A)], [B], 9, 0, [at(0, A), at(9, B)]],
    ['several for each chunk, one a DRM system', [at(0, A)], [A, B], 9, 0, [at(0, A), at(9, A), at(9, B)]],
    ['no longer one', [at(0, A)], [], 9, 0, [at(0, A), at(9, NONE)]],
    ['what no chunk of the window needs is forgotten', [at(0, A), at(5, B), at(7, A)], [B], 30, 6, [at(5, B), at(7, A), at(30, B)]],
    ['an attempt to begin that never came on the air', [at(0, A), at(9, B)], [A], 9, 0, [at(0, A)]],
  ])('%s', (_, before, keys, from, oldest, expected) => {
    expect(continueKeys(before && { keys: before }, keys, { from, oldest }).keys).toEqual(expected);
  });
});
