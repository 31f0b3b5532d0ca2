import { describe, expect, it } from 'vitest';
import { splitSubtitles } from './split-subtitles.ts';

const texts = (vtt: string, lengthS: number): string[] => splitSubtitles(vtt, lengthS * 1e6).map(({ bytes }) => new TextDecoder().decode(bytes));

describe('subtitles in chunks', () => {
  it('cover the whole film without a gap, also where nobody speaks', () => {
    const chunks = splitSubtitles('WEBVTT\n\n00:01.000 --> 00:02.000\nHello', 130.5 * 1e6);
    expect(chunks.map(({ startUs, durationUs }) => [startUs / 1e6, durationUs / 1e6])).toEqual([[0, 60], [60, 60], [120, 10.5]]);
    expect(chunks.every(({ bytes }) => bytes.length > 0)).toBe(true);
  });

  it('show a cue on both sides of a cut that it reaches over', () => {
    const cue = '00:00:59.500 --> 00:01:01.000 line:0\n<i>Over</i>\nthe cut';
    expect(texts(`WEBVTT\n\n${cue}\n\n00:01:00.000 --> 00:01:02.000\nAfter`, 120)).toEqual([`WEBVTT\n\n${cue}\n`, `WEBVTT\n\n${cue}\n\n00:01:00.000 --> 00:01:02.000\nAfter\n`]);
  });

  it('take what ffmpeg and people write: short times, names of cues, other line ends, notes', () => {
    const vtt = 'WEBVTT\r\n\r\nNOTE not this --> one\r\n\r\nfirst\r\n00:01.000 --> 00:02.500\r\nOne\r\n\r\n\r\n100:00:00.000 --> 100:00:01.000\r\nToo late\r\n';
    expect(texts(vtt, 10)).toEqual(['WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nOne\n']);
  });

  it('are counted from where the film begins', () => {
    const vtt = 'WEBVTT\n\n00:01.000 --> 00:02.000\nBefore\n\n00:04.500 --> 00:06.000\nFirst\n\n00:07.000 --> 00:08.000\nSecond';
    expect(splitSubtitles(vtt, 10e6, 5e6).map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nFirst\n\n00:00:02.000 --> 00:00:03.000\nSecond\n']);
  });

  it.each(['', 'WEBVTT\n', 'WEBVTT\n\n00:05.000 --> 00:04.000\nBackwards', 'WEBVTT\n\n00:01.000 --> 00:02.000\n', 'no subtitles at all'])('are none in %j', (vtt) => {
    expect(splitSubtitles(vtt, 10e6)).toEqual([]);
  });
});
