// Which sound comes first, and which there are to choose from.
import { describe, expect, it } from 'vitest';
import type { ChannelDescription, StreamDescription } from '#protocol/description';
import { soundsOf, withFirstSound } from './sounds.ts';

const stream = (id: number, kind: StreamDescription['kind'], language = ''): StreamDescription => ({
  id, kind, codecs: '', bandwidth: 1, averageBandwidth: 1, width: 0, height: 0, frameRate: 0, language, name: '', init: '', extension: 'm4s',
  targetDurationSeconds: 2, durationsUs: [2_000_000],
});
const channel = (...streams: StreamDescription[]): ChannelDescription => ({ version: 1, publicKey: '', title: 'A film', kind: 'vod', pieceBytes: 16_384, windowChunks: 0, streams });
const FILM = channel(stream(0, 'video'), stream(1, 'audio', 'en'), stream(2, 'subtitles', 'en'), stream(3, 'audio', 'de'), stream(4, 'audio', 'fr'));
const ids = ({ streams }: ChannelDescription): number[] => streams.map(({ id }) => id);

describe('withFirstSound', () => {
  it('puts the sound that is wanted before the others, and leaves all else in its place', () => {
    expect(ids(withFirstSound(FILM, (sounds) => sounds.find(({ language }) => language === 'fr')))).toEqual([0, 4, 2, 1, 3]);
  });

  it('changes nothing where nobody wants anything else, or there is one sound', () => {
    const single = channel(stream(0, 'video'), stream(1, 'audio', 'en'));
    expect(withFirstSound(FILM, () => undefined)).toBe(FILM);
    expect(withFirstSound(FILM, undefined)).toBe(FILM);
    expect(withFirstSound(single, ([only]) => only)).toBe(single);
  });
});

describe('soundsOf', () => {
  it('has the publisher’s order, whichever comes first', () => {
    const ordered = withFirstSound(FILM, (sounds) => sounds[2]);
    expect(soundsOf(ordered).map(({ stream: id, language }) => [id, language])).toEqual([[1, 'en'], [3, 'de'], [4, 'fr']]);
  });

  it('is the picture’s own sound where none is apart, and none where there is none', () => {
    expect(soundsOf(channel(stream(0, 'muxed', 'ja'), stream(1, 'muxed', 'ja'), stream(2, 'subtitles', 'en')))).toEqual([{ stream: 0, language: 'ja', name: '' }]);
    expect(soundsOf(channel(stream(0, 'video')))).toEqual([]);
  });
});
