// What people read: amounts, lengths of time and shares.
import { describe, expect, it } from 'vitest';
import { formatBitRate, formatByteRate, formatBytes } from './bytes.ts';
import { formatClock, formatMilliseconds, formatSeconds } from './durations.ts';
import { countOf, formatShare, formatSmallShare } from './shares.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('bytes', () => {
  it.each([
    [0, '0 B'], [-5, '0 B'], [Number.NaN, '0 B'], [999, '999 B'], [1_000, '1.0 kB'], [12_340, '12.3 kB'], [99_949, '99.9 kB'],
    [99_951, '100 kB'], [999_499, '999 kB'], [999_500, '1.0 MB'], [12_400_000, '12.4 MB'], [5e9, '5.0 GB'], [7e15, '7000 TB'],
  ])('%d bytes read as %s', (bytes, text) => expect(plain(formatBytes(bytes))).toBe(text));

  it('gives rates a second', () => expect(plain(formatByteRate(340_000))).toBe('340 kB/s'));

  it.each([[0, '0 kbit/s'], [128_000, '128 kbit/s'], [999_499, '999 kbit/s'], [999_500, '1.0 Mbit/s'], [4_830_000, '4.8 Mbit/s']])(
    '%d bits a second read as %s', (bits, text) => expect(plain(formatBitRate(bits))).toBe(text),
  );
});

describe('lengths of time', () => {
  it.each([[0, '0:00'], [7.4, '0:07'], [59.6, '1:00'], [725, '12:05'], [3_723, '1:02:03'], [Number.POSITIVE_INFINITY, '0:00']])(
    '%d seconds on a clock are %s', (seconds, text) => expect(formatClock(seconds)).toBe(text),
  );
  it.each([[-3, '0.0 s'], [430, '0.4 s'], [9_940, '9.9 s'], [9_960, '10 s'], [119_400, '119 s'], [121_000, '2:01']])(
    'a lag of %d ms reads as %s', (ms, text) => expect(plain(formatSeconds(ms))).toBe(text),
  );
  it('rounds milliseconds', () => expect(plain(formatMilliseconds(286.6))).toBe('287 ms'));
});

describe('shares', () => {
  it.each([
    [0, '0 %'], [0.001, '1 %'], [0.724, '72 %'], [0.999, '99 %'], [1, '100 %'], [1.7, '100 %'], [-1, '0 %'], [Number.NaN, '0 %'],
  ])('%d reads as %s: all and nothing are claims', (ratio, text) => expect(plain(formatShare(ratio))).toBe(text));

  it('gives small shares a decimal', () => expect(plain(formatSmallShare(0.0084))).toBe('0.8 %'));
  it('counts in words', () => expect([countOf(0, 'viewer'), countOf(1, 'viewer'), countOf(5, 'viewer')].map(plain)).toEqual(['0 viewers', '1 viewer', '5 viewers']));
});
