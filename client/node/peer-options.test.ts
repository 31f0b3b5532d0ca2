import { describe, expect, it } from 'vitest';
import { readOptions, UsageError } from './peer-options.ts';

const URL = `http://localhost:8080/watch/${'a'.repeat(32)}`;

describe('readOptions', () => {
  it('fills in what is not said', () => {
    expect(readOptions([URL])).toEqual({
      serverUrl: 'http://localhost:8080', channel: 'a'.repeat(32), count: 1, mode: 'on', role: 'viewer', durationMs: null, isJson: false,
      uploadCapBytesPerSecond: 0, leavesAtEnd: false,
    });
  });

  it('reads every option', () => {
    const args = [URL, '--count', '3', '--mode', 'download', '--role', 'contributor', '--duration', '1.5', '--json', '--upload-cap', '200', '--leave-at-end'];
    expect(readOptions(args)).toMatchObject({
      count: 3, mode: 'download', role: 'contributor', durationMs: 1_500, isJson: true, uploadCapBytesPerSecond: 200_000, leavesAtEnd: true,
    });
  });

  it.each([
    [[], /watch page/],
    [['nonsense'], /not the URL of a watch page/],
    [['http://localhost/watch/short'], /not the URL of a watch page/],
    [[URL, URL], /one too many/],
    [[URL, '--count', '0'], /whole number from 1/],
    [[URL, '--count', '1.5'], /whole number/],
    [[URL, '--mode', 'loud'], /one of on, download, off/],
    [[URL, '--duration', ''], /number/],
    [[URL, '--unknown'], /unknown/i],
  ])('says in one sentence what is wrong with %j', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(sentence);
  });
});
