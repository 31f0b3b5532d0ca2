import { describe, expect, it } from 'vitest';
import { continueHeaders, headerFromOf, headerName, headerOf, mayLackHeader } from './media-header.ts';
import { MAX_EARLIER_INITS } from './limits.ts';

const changed = { init: 'CCCC', initFrom: 5, earlierInits: [{ from: 0, init: 'AAAA' }, { from: 3, init: 'BBBB' }] };

describe('the media header of a chunk', () => {
  it.each([
    [0, 0, 'AAAA'], [2, 0, 'AAAA'], [3, 3, 'BBBB'], [4, 3, 'BBBB'], [5, 5, 'CCCC'], [99, 5, 'CCCC'],
  ])('D-5: with discontinuity sequence %i is the one that begins with %i', (discontinuity, from, init) => {
    expect(headerOf(changed, discontinuity)).toEqual({ from, init });
  });

  it('of a stream that says nothing of changes is always the same', () => {
    expect([0, 7].map((discontinuity) => headerOf({ init: 'AAAA' }, discontinuity))).toEqual([{ from: 0, init: 'AAAA' }, { from: 0, init: 'AAAA' }]);
    expect(mayLackHeader({ init: 'AAAA' }, 7)).toBe(false);
  });

  it('D-5: may be unknown behind a discontinuity that the description does not tell of', () => {
    expect([4, 5, 6].map((discontinuity) => mayLackHeader(changed, discontinuity))).toEqual([false, false, true]);
  });

  it('older than all that are known is the oldest known', () => {
    expect(headerOf({ init: 'CCCC', initFrom: 5, earlierInits: [{ from: 3, init: 'BBBB' }] }, 1)).toEqual({ from: 3, init: 'BBBB' });
  });

  it('has a name of its own that can be read back', () => {
    expect([0, 1, 12].map((from) => headerName(from))).toEqual(['init.mp4', 'init-1.mp4', 'init-12.mp4']);
    expect(['init.mp4', 'init-12.mp4', 'init-0.mp4', 'init-.mp4', 'init-1.mp4/..', 'init-99999999999.mp4'].map(headerFromOf)).toEqual([0, 12, undefined, undefined, undefined, undefined]);
  });
});

describe('a source that is connected again', () => {
  it('begins with its own header', () => {
    expect(continueHeaders(undefined, 'AAAA', 0)).toEqual({ init: 'AAAA', initFrom: 0, earlierInits: [] });
  });

  it('keeps the header where it is the same', () => {
    expect(continueHeaders(changed, 'CCCC', 8)).toEqual(changed);
  });

  it('puts another header after the earlier ones, and forgets the oldest', () => {
    expect(continueHeaders(changed, 'DDDD', 8)).toEqual({ init: 'DDDD', initFrom: 8, earlierInits: [...changed.earlierInits, { from: 5, init: 'CCCC' }] });
    let headers = continueHeaders(undefined, 'AAAA', 0);
    for (let discontinuity = 1; discontinuity < 30; discontinuity++) headers = continueHeaders(headers, `AA${discontinuity % 2}=`, discontinuity);
    expect(headers.earlierInits).toHaveLength(MAX_EARLIER_INITS);
    expect(headers.earlierInits.at(-1)?.from).toBe(28);
  });
});
