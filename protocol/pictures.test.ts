import { describe, expect, it } from 'vitest';
import { isPicture, writeThumbnailTrack, type Thumbnails } from './pictures.ts';

const sheet = { type: 'image/jpeg', bytes: 1000, hash: 'a'.repeat(64) } as const;
const thumbnails: Thumbnails = { sheet, stream: 0, every: 2, columns: 2, width: 160, height: 90 };

describe('the pictures of a channel', () => {
  it('for the seek bar are a WebVTT track of parts of one sheet', () => {
    expect(writeThumbnailTrack(thumbnails, [2_000_000, 2_000_000, 2_000_000, 2_000_000, 3_600_000_500], '/sheet').split('\n\n').slice(1)).toEqual([
      '00:00:00.000 --> 00:00:04.000\n/sheet#xywh=0,0,160,90',
      '00:00:04.000 --> 00:00:08.000\n/sheet#xywh=160,0,160,90',
      '00:00:08.000 --> 01:00:08.001\n/sheet#xywh=0,90,160,90\n',
    ]);
  });

  it.each([
    ['of a kind that may hold scripts', { ...sheet, type: 'image/svg+xml' }],
    ['of no bytes', { ...sheet, bytes: 0 }],
    ['of too many bytes', { ...sheet, bytes: 1e9 }],
    ['with a hash that is a path', { ...sheet, hash: '../'.padEnd(64, 'a') }],
  ])('are none %s', (_, picture) => {
    expect([isPicture(sheet), isPicture(picture)]).toEqual([true, false]);
  });
});
