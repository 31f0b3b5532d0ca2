import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vodPlaylistChunks, writeMasterPlaylist, writeMediaPlaylist, type PlaylistChunk } from './playlist.ts';
import { descriptionOf, streamOf } from './testing/channel.ts';
import { readMasterPlaylist, readMediaPlaylist } from './testing/playlist-reader.ts';

const live = streamOf({ durationsUs: [] });
const chunk = (index: number, changes: Partial<PlaylistChunk> = {}): PlaylistChunk => ({
  index, durationUs: 2_000_000, mediaSequence: index, discontinuitySequence: 0, onAirMs: 0, ...changes,
});

describe('the media playlist', () => {
  it('of a film lists every chunk and ends', () => {
    const stream = streamOf();
    const read = readMediaPlaylist(writeMediaPlaylist(stream, vodPlaylistChunks(stream), true));
    expect(read).toMatchObject({ targetDuration: 2, type: 'VOD', map: 'init.mp4', isEnded: true });
    expect(read.segments.map(({ uri, sequence, durationSeconds }) => [uri, sequence, durationSeconds])).toEqual([
      ['0.m4s', 0, 2], ['1.m4s', 1, 2], ['2.m4s', 2, 1.5],
    ]);
  });

  it('of a live channel starts at its window and does not end', () => {
    const read = readMediaPlaylist(writeMediaPlaylist(live, [40, 41, 42].map((i) => chunk(i, { onAirMs: 1_700_000_000_000 + i })), false));
    expect([read.type, read.isEnded]).toEqual([null, false]);
    expect(read.segments.map(({ uri, sequence, dateTime }) => [uri, sequence, dateTime])).toEqual([
      ['40.m4s', 40, '2023-11-14T22:13:20.040Z'], ['41.m4s', 41, '2023-11-14T22:13:20.041Z'], ['42.m4s', 42, '2023-11-14T22:13:20.042Z'],
    ]);
  });

  it.each([
    ['no loop', [0, 0, 0, 0], [0, 0, 0, 0]],
    ['a loop in the window', [0, 0, 1, 1], [0, 0, 1, 1]],
    ['a window that starts at the loop', [1, 1, 1], [1, 1, 1]],
    ['a window that starts after loops', [5, 5, 6, 6, 7], [5, 5, 6, 6, 7]],
  ])('counts discontinuities as the records do: %s', (_case, given, expected) => {
    const chunks = given.map((discontinuitySequence, i) => chunk(100 + i, { discontinuitySequence }));
    expect(readMediaPlaylist(writeMediaPlaylist(live, chunks, false)).segments.map((segment) => segment.discontinuity)).toEqual(expected);
  });

  it('gives a chunk the same sequence and discontinuity wherever the window stands (RFC 8216, section 6.2.2)', () => {
    const loop = fc.integer({ min: 2, max: 9 });
    fc.assert(
      fc.property(loop, fc.nat(500), fc.nat(30), (loopChunks, first, slide) => {
        const window = (from: number): PlaylistChunk[] =>
          Array.from({ length: 12 }, (_, i) => chunk(from + i, { discontinuitySequence: Math.floor((from + i) / loopChunks), mediaSequence: from + i + 3 }));
        const known = new Map<string, unknown>();
        for (const from of [first, first + slide]) {
          for (const { uri, sequence, discontinuity } of readMediaPlaylist(writeMediaPlaylist(live, window(from), false)).segments) {
            const facts = [sequence, discontinuity];
            expect(known.get(uri) ?? facts).toEqual(facts);
            known.set(uri, facts);
          }
        }
      }),
    );
  });

  it('says the vector of AES-128 where a chunk was encrypted under another number than it has here (RFC 8216, section 5.2)', () => {
    const plain = 'METHOD=AES-128,URI="k"';
    const stream = streamOf({ keys: [{ from: 0, attributes: plain }, { from: 2, attributes: `${plain},IV=0x0f` }] });
    const written = writeMediaPlaylist(stream, [chunk(0), chunk(1, { mediaSequence: 40 }), chunk(2, { mediaSequence: 41 }), chunk(3, { mediaSequence: 42 })], false);
    expect(written.split('\n').filter((line) => /KEY|m4s/.test(line))).toEqual([
      `#EXT-X-KEY:${plain}`, '0.m4s', `#EXT-X-KEY:${plain},IV=0x${'28'.padStart(32, '0')}`, '1.m4s', `#EXT-X-KEY:${plain},IV=0x0f`, '2.m4s', '3.m4s',
    ]);
  });

  it('keeps durations to the microsecond', () => {
    const read = readMediaPlaylist(writeMediaPlaylist(live, [chunk(0, { durationUs: 1_999_999 }), chunk(1, { durationUs: 1 })], false));
    expect(read.segments.map((segment) => segment.durationSeconds)).toEqual([1.999999, 0.000001]);
  });

  it('without chunks is a playlist all the same', () => {
    expect(readMediaPlaylist(writeMediaPlaylist(live, [], false)).segments).toEqual([]);
  });

  it('names no media header where chunks need none', () => {
    const subtitles = streamOf({ kind: 'subtitles', init: '', extension: 'vtt' });
    const read = readMediaPlaylist(writeMediaPlaylist(subtitles, [chunk(0)], true));
    expect([read.map, read.segments[0]!.uri]).toEqual([null, '0.vtt']);
  });
});

describe('the master playlist', () => {
  const video = (id: number, bandwidth: number, width: number, height: number): ReturnType<typeof streamOf> =>
    streamOf({ id, kind: 'video', codecs: 'avc1.4d401f', bandwidth, averageBandwidth: bandwidth, width, height });
  const audio = (id: number, language: string, name: string): ReturnType<typeof streamOf> =>
    streamOf({ id, kind: 'audio', codecs: 'mp4a.40.2', bandwidth: 128_000, averageBandwidth: 120_000, width: 0, height: 0, frameRate: 0, language, name });
  const subtitles = streamOf({ id: 9, kind: 'subtitles', codecs: '', width: 0, height: 0, frameRate: 0, language: 'de', name: '', init: '', extension: 'vtt' });
  const master = (...streams: ReturnType<typeof streamOf>[]): ReturnType<typeof readMasterPlaylist> =>
    readMasterPlaylist(writeMasterPlaylist(descriptionOf({ streams })));

  it('of one muxed stream is one variant', () => {
    expect(master(streamOf())).toEqual({
      media: [],
      variants: [{
        BANDWIDTH: '1200000', 'AVERAGE-BANDWIDTH': '1100000', CODECS: 'avc1.42c01e,mp4a.40.2', RESOLUTION: '854x480', 'FRAME-RATE': '25.000',
        uri: '0/playlist.m3u8',
      }],
    });
  });

  it('of qualities, languages and subtitles groups the renditions, and every group named exists', () => {
    const { media, variants } = master(video(0, 800_000, 640, 360), video(1, 3_000_000, 1280, 720), audio(2, 'en', 'English'), audio(3, 'de', 'Deutsch'), subtitles);
    expect(variants.map((variant) => [variant.uri, variant['BANDWIDTH'], variant['CODECS'], variant['AUDIO'], variant['SUBTITLES']])).toEqual([
      ['0/playlist.m3u8', '928000', 'avc1.4d401f,mp4a.40.2', 'audio', 'subtitles'],
      ['1/playlist.m3u8', '3128000', 'avc1.4d401f,mp4a.40.2', 'audio', 'subtitles'],
    ]);
    expect(media.map((rendition) => [rendition['TYPE'], rendition['GROUP-ID'], rendition['NAME'], rendition['LANGUAGE'], rendition['DEFAULT'], rendition['URI']])).toEqual([
      ['AUDIO', 'audio', 'English', 'en', 'YES', '2/playlist.m3u8'],
      ['AUDIO', 'audio', 'Deutsch', 'de', 'NO', '3/playlist.m3u8'],
      ['SUBTITLES', 'subtitles', 'de', 'de', 'NO', '9/playlist.m3u8'],
    ]);
  });

  it('of audio alone makes variants, not renditions', () => {
    const { media, variants } = master(audio(0, '', 'low'), audio(1, '', 'high'));
    expect([media, variants.map((variant) => variant.uri)]).toEqual([[], ['0/playlist.m3u8', '1/playlist.m3u8']]);
  });

  it('cannot be broken by names', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 35 }), fc.string({ maxLength: 100 }), (name, language, codecs) => {
        const hostile = [name, `"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://elsewhere.example/\n`.slice(0, 100)];
        for (const given of hostile) {
          const { media, variants } = master({ ...video(0, 1, 2, 2), codecs }, { ...audio(1, language, given), codecs });
          expect([media.length, variants.length]).toEqual([1, 1]);
        }
      }),
    );
  });
});
