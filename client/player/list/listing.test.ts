// The list of channels comes from outside: rows that make no sense are left out, titles stay text.
import { describe, expect, it } from 'vitest';
import { parseListing } from './listing.ts';

const row = {
  id: 'k4qz7w2mfx5pbd3ythrn6vjcl2aegs5o', title: '<script>alert(1)</script>', kind: 'vod', viewers: 3, bitrate: 1e6,
  durationSeconds: 30, width: 854, height: 480, offloadRatio: 0.7, poster: '/channels/k4qz7w2mfx5pbd3ythrn6vjcl2aegs5o/picture/0a1b',
};

describe('parseListing', () => {
  it('takes rows as they are', () => expect(parseListing([row])).toEqual([row]));

  it.each([null, 'x', 7, {}, { ...row, id: '../../x' }, { ...row, id: 7 }, { ...row, title: 7 }, { ...row, kind: 'radio' }])(
    'leaves out %j', (bad) => expect(parseListing([bad, row])).toEqual([row]),
  );

  it('mends figures that are none', () => {
    const odd = { ...row, viewers: -2, bitrate: '1', durationSeconds: Number.NaN, width: null, height: undefined, offloadRatio: 9 };
    expect(parseListing([odd])[0]).toMatchObject({ viewers: 0, bitrate: 0, durationSeconds: null, width: 0, height: 0, offloadRatio: 1 });
  });

  it.each(['https://elsewhere.example/x', '//elsewhere.example/x', 'javascript:alert(1)', 7])('takes %s for no poster', (poster) => {
    expect(parseListing([{ ...row, poster }])[0]!.poster).toBeNull();
  });

  it.each([null, {}, 'channels', { channels: [] }])('refuses %j, which is no list', (value) => {
    expect(() => parseListing(value)).toThrow(TypeError);
  });
});
