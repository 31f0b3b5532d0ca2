import { describe, expect, it } from 'vitest';
import { UsageError } from '#server/options';
import { parseHostOptions, type HostOptions } from './host-options.ts';

const parse = (...args: string[]): HostOptions => {
  const options = parseHostOptions(args, { root: '/product', from: '/home/films' });
  if (options === 'help') throw new Error('help');
  return options;
};

describe('the command line of a host', () => {
  it('takes a source and nothing else, for this machine, on the usual port or any free one', () => {
    expect(parse('A film.mp4')).toEqual({
      source: { from: 'path', path: '/home/films/A film.mp4' }, title: 'A film', isListed: true, allowsPrivate: false, ladder: undefined, chunkUs: 2_000_000, publishOn: undefined, keyFile: undefined, buildsClient: true,
      server: {
        channels: [], port: 8080, takesAnyPort: true, address: '127.0.0.1', dataFolder: '/product/data', clientFolder: '/product/dist/client',
        isJson: false, consent: 'ask', iceServers: [], title: undefined, isPublishing: false,
      },
    });
  });

  it.each<[string[], Partial<HostOptions>]>([
    [['/f.mp4', '--title', 'F', '--private', '--key', 'k.pem'], { title: 'F', isListed: false, keyFile: '/home/films/k.pem' }],
    [['--live', 'f.mkv', '--loop'], { source: { from: 'loop', path: '/home/films/f.mkv' }, title: 'f' }],
    [['https://origin.example/films/night/master.m3u8', '--allow-private'], { source: { from: 'address', path: 'https://origin.example/films/night/master.m3u8' }, title: 'night', allowsPrivate: true }],
    [['f.mp4', '--ladder', '1080, 720p,480'], { ladder: [1080, 720, 480] }],
    [['--live', 'rtmp'], { source: { from: 'rtmp', port: 1935 }, title: 'Live' }],
    [['--live', 'rtmp:1940', '--title', 'T', '--chunk', '1'], { source: { from: 'rtmp', port: 1940 }, title: 'T', chunkUs: 1_000_000 }],
    [['f.mp4', '--server', 'https://my.server/'], { publishOn: 'https://my.server' }],
    [['folder/'], { source: { from: 'path', path: '/home/films/folder' }, title: 'folder' }],
  ])('%j', (args, expected) => {
    expect(parse(...args)).toMatchObject(expected);
  });

  it.each<[string[], Partial<HostOptions['server']>]>([
    [['--port', '0'], { port: 0, takesAnyPort: false }],
    [['--port=9000'], { port: 9000, takesAnyPort: false }],
    [['--data', 'd', '--json'], { dataFolder: '/home/films/d', isJson: true }],
    [['--consent', 'implied', '--ice', 'stun:a'], { consent: 'implied', iceServers: [{ urls: 'stun:a' }] }],
    [['--host', '192.0.2.1'], { address: '192.0.2.1' }],
    [['--host', '::'], { address: '::' }],
  ])('%j is the server\'s', (args, expected) => {
    expect(parse('f.mp4', ...args).server).toMatchObject(expected);
  });

  it('does not take the source for an address', () => {
    expect(parse('--host', 'f.mp4')).toMatchObject({ source: { path: '/home/films/f.mp4' }, server: { address: '0.0.0.0' } });
  });

  it.each([
    [[], /What shall be hosted/],
    [['a.mp4', 'b.mp4'], /One channel has one source, not 2/],
    [['a.mp4', '--live', 'b.mkv', '--loop'], /not both/],
    [['--live', 'b.mkv'], /needs --loop/],
    [['a.mp4', '--loop'], /belongs to --live/],
    [['a.mp4', '--ladder', '1080,big'], /--ladder needs up to 8 even heights/],
    [['a.mp4', '--ladder', '1081'], /--ladder needs/],
    [['--live', 'a.mp4', '--loop', '--ladder', '480'], /converts a film on demand/],
    [['--live', 'rtmp', '--loop'], /--loop belongs to/],
    [['--live', 'rtmp:99999'], /port from 1 to 65535/],
    [['--live', 'rtmp', '--chunk', '9'], /--chunk needs seconds/],
    [['a.mp4', '--server', 'my.server'], /--server needs the address/],
    [['a.mp4', '--bogus'], /Unknown option --bogus/],
    [['a.mp4', '--title'], /--title needs a value/],
    [['a.mp4', '--title', '--json'], /--title needs a value/],
    [['a.mp4', '--title', ' '], /must not be empty/],
    [['a.mp4', '--title', 'x'.repeat(201)], /at most 200/],
    [['a.mp4', '--port', 'x'], /--port needs a number/],
  ])('%j is refused with one sentence', (args, sentence) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(sentence);
  });
});
