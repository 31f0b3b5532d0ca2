import { describe, expect, it } from 'vitest';
import { answerRange, namesTag } from './byte-range.ts';

const whole = { kind: 'whole' };
const part = (first: number, last: number) => ({ kind: 'part', first, last });
const unsatisfiable = { kind: 'unsatisfiable' };

describe('a Range of a body of 100 bytes (RFC 9110, section 14)', () => {
  it.each([
    [undefined, whole],
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-99', part(0, 99)],
    ['bytes=10-', part(10, 99)],
    ['bytes=10-1000', part(10, 99)],
    ['bytes=99-99', part(99, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-1000', part(0, 99)],
    ['bytes=100-', unsatisfiable],
    ['bytes=100-200', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    // Malformed, of another unit, several ranges: ignored.
    ['bytes=5-2', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes= 0-1', whole],
    ['items=0-1', whole],
    ['bytes=0-1,5-6', whole],
    ['bytes=0-1-2', whole],
    ['bytes=99999999999999999999-', whole],
  ])('%s', (header, answer) => {
    expect(answerRange(header, 100)).toEqual(answer);
  });
});

describe('If-None-Match', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('%s', (header, names) => {
    expect(namesTag(header, '"a"')).toBe(names);
  });
});
