import { describe, expect, it } from 'vitest';
import { parseOptions, UsageError, type Options } from './options.ts';

const parse = (...args: string[]): Options => {
  const options = parseOptions(args, '/product');
  if (options === 'help') throw new Error('help');
  return options;
};

describe('the command line', () => {
  it('without anything hosts two demo channels for this machine alone', () => {
    expect(parse()).toMatchObject({
      channels: [{ kind: 'vod', path: '/product/media/demo.mp4' }, { kind: 'live', path: '/product/media/demo.mp4' }],
      port: 8080, address: '127.0.0.1', isJson: false, consent: 'ask', iceServers: [], dataFolder: '/product/data',
    });
  });

  it.each<[string[], Partial<Options>]>([
    [['--vod', 'A film=/f.mp4'], { channels: [{ title: 'A film', kind: 'vod', path: '/f.mp4' }] }],
    [['--vod=A=/f.mp4'], { channels: [{ title: 'A', kind: 'vod', path: '/f.mp4' }] }],
    [['--vod', 'A=/b=c.mp4'], { channels: [{ title: 'A', kind: 'vod', path: '/b=c.mp4' }] }],
    [['--vod', `A = B=${import.meta.filename}`], { channels: [{ title: 'A = B', kind: 'vod', path: import.meta.filename }] }],
    [['--live', '/films/f.mp4'], { channels: [{ title: 'f', kind: 'live', path: '/films/f.mp4' }] }],
    [['--vod', 'A=/f.mp4', '--vod', 'A=/g.mp4'], { channels: [{ title: 'A', kind: 'vod', path: '/f.mp4' }, { title: 'A', kind: 'vod', path: '/g.mp4' }] }],
    [['--port', '0', '--json'], { port: 0, isJson: true }],
    [['--port=9000'], { port: 9000 }],
    [['--host'], { address: '0.0.0.0' }],
    [['--host', '--json'], { address: '0.0.0.0', isJson: true }],
    [['--host', '192.0.2.1'], { address: '192.0.2.1' }],
    [['--consent', 'implied', '--title', 'Our house'], { consent: 'implied', title: 'Our house' }],
    [['--data', '/d'], { dataFolder: '/d' }],
    [[], { isPublishing: true }],
    [['--host'], { isPublishing: false }],
    [['--host', '--publish', 'on'], { isPublishing: true }],
    [['--publish=off'], { isPublishing: false }],
    [['--ice', 'stun:a:3478', '--ice', 'turn:user:pass@b:3478?transport=udp'], { iceServers: [{ urls: 'stun:a:3478' }, { urls: 'turn:b:3478?transport=udp', username: 'user', credential: 'pass' }] }],
  ])('%j', (args, expected) => {
    expect(parse(...args)).toMatchObject(expected);
  });

  it.each([
    [['--bogus'], /Unknown option --bogus/],
    [['--publish', 'yes'], /--publish is on or off/],
    [['film.mp4'], /Unknown option film.mp4/],
    [['--vod'], /--vod needs a value/],
    [['--vod', '='], /needs "Title=path"/],
    [['--live', 'A='], /needs "Title=path"/],
    [['--vod', `${'A'.repeat(201)}=/f.mp4`], /at most 200/],
    [['--port', 'x'], /0 to 65535/],
    [['--port', '70000'], /0 to 65535/],
    [['--consent', 'maybe'], /ask or implied/],
    [['--ice', 'http://a'], /stun: or turn:/],
  ])('%j makes no sense, and one sentence says why', (args, sentence) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(sentence);
  });

  it('explains itself', () => {
    expect(parseOptions(['--help'], '/product')).toBe('help');
  });
});
