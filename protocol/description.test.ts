import { describe, expect, it } from 'vitest';
import { isDescription, isSignedDescription } from './description.ts';
import { CHANNEL, descriptionOf, signDescription, streamOf } from './testing/channel.ts';

const live = { kind: 'live' as const, windowChunks: 30, streams: [streamOf({ durationsUs: [] })] };
const withStream = (changes: object): object => ({ ...descriptionOf(), streams: [{ ...streamOf(), ...changes }] });
const without = (value: object, key: string): object => Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

const ACCEPTED: [string, object][] = [
  ['a film', descriptionOf()],
  ['a live channel', descriptionOf(live)],
  ['D-5: a live channel whose header has changed', descriptionOf({ ...live, streams: [streamOf({ durationsUs: [], initFrom: 4, earlierInits: [{ from: 0, init: 'AAAA' }, { from: 3, init: 'BBBB' }] })] })],
  ['32 streams', descriptionOf({ streams: Array.from({ length: 32 }, (_, id) => streamOf({ id })) })],
  ['the longest film', withStream({ durationsUs: new Array(86_400).fill(2_000_000) })],
  ['subtitles without media header', withStream({ kind: 'subtitles', init: '', extension: 'vtt', codecs: '', width: 0, height: 0, frameRate: 0, language: 'de-AT' })],
  ['a title in any script', descriptionOf({ title: '<b>Ωmega</b> "канал" 📺' })],
];

const REFUSED: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a list', [descriptionOf()]],
  ['text', JSON.stringify(descriptionOf())],
  ['another version', { ...descriptionOf(), version: 2 }],
  ['another piece size', { ...descriptionOf(), pieceBytes: 32_768 }],
  ['another kind', { ...descriptionOf(), kind: 'radio' }],
  ['a field too many', { ...descriptionOf(), tracker: 'https://elsewhere.example' }],
  ['a field named like a method', { ...descriptionOf(), constructor: 1 }],
  ['a field too few', without(descriptionOf(), 'title')],
  ['no title', descriptionOf({ title: '' })],
  ['a title too long', descriptionOf({ title: 'x'.repeat(201) })],
  ['a key of 33 bytes', descriptionOf({ publicKey: 'A'.repeat(44) })],
  ['a key of 31 bytes', descriptionOf({ publicKey: `${'A'.repeat(42)}==` })],
  ['a key in base64url', descriptionOf({ publicKey: `${'-'.repeat(43)}=` })],
  ['no stream', descriptionOf({ streams: [] })],
  ['33 streams', descriptionOf({ streams: Array.from({ length: 33 }, (_, id) => streamOf({ id })) })],
  ['D-3: two streams with one id', descriptionOf({ streams: [streamOf(), streamOf()] })],
  ['D-3: live without a window', descriptionOf({ ...live, windowChunks: 0 })],
  ['D-3: a film with a window', descriptionOf({ windowChunks: 30 })],
  ['D-3: live with durations', descriptionOf({ ...live, streams: [streamOf()] })],
  ['D-3: a film without durations', withStream({ durationsUs: [] })],
  ['D-5: a film whose header changes', withStream({ initFrom: 0 })],
  ['D-5: earlier headers of a header without beginning', descriptionOf({ ...live, streams: [streamOf({ durationsUs: [], earlierInits: [{ from: 0, init: 'AAAA' }] })] })],
  ['D-5: a header that begins with the one before it', descriptionOf({ ...live, streams: [streamOf({ durationsUs: [], initFrom: 3, earlierInits: [{ from: 3, init: 'AAAA' }] })] })],
  ['a log too long', withStream({ durationsUs: new Array(86_401).fill(1) })],
  ['a chunk of no duration', withStream({ durationsUs: [0] })],
  ['a duration that no record can carry', withStream({ durationsUs: [2 ** 32] })],
  ['a fraction of a microsecond', withStream({ durationsUs: [1.5] })],
  ['a stream id past a byte', withStream({ id: 256 })],
  ['a negative stream id', withStream({ id: -1 })],
  ['another kind of stream', withStream({ kind: 'data' })],
  ['another container', withStream({ extension: 'exe' })],
  ['a path as container', withStream({ extension: '../m4s' })],
  ['a header that is not base64', withStream({ init: '<xml>' })],
  ['a header too large', withStream({ init: 'A'.repeat(87_388) })],
  ['an infinite frame rate', withStream({ frameRate: Infinity })],
  ['no target duration', withStream({ targetDurationSeconds: 0 })],
  ['codecs too long', withStream({ codecs: 'a'.repeat(101) })],
  ['a __proto__ of its own', JSON.parse(JSON.stringify(descriptionOf()).replace('{', '{"__proto__":{"kind":"vod"},'))],
];

describe('isDescription', () => {
  it.each(ACCEPTED)('D-2: takes %s, through JSON and back', (_what, value) => {
    expect(isDescription(JSON.parse(JSON.stringify(value)))).toBe(true);
  });

  it.each(REFUSED)('D-2: refuses %s', (_what, value) => {
    expect(isDescription(value)).toBe(false);
  });
});

describe('isSignedDescription', () => {
  const signed = signDescription('{}');

  it('D-1: takes text and signature as they are', () => {
    expect(isSignedDescription(signed)).toBe(true);
    expect(signed.channel).toBe(CHANNEL);
  });

  it.each([
    ['a channel that is no id', { ...signed, channel: 'nowhere' }],
    ['a channel that is no text', { ...signed, channel: { toString: () => CHANNEL } }],
    ['a description that is not text', { ...signed, description: {} }],
    ['a description too long', { ...signed, description: ' '.repeat(4_000_001) }],
    ['a signature of 66 bytes', { ...signed, signature: 'A'.repeat(88) }],
    ['a signature too short', { ...signed, signature: 'AAAA' }],
    ['a field too many', { ...signed, admin: true }],
  ])('D-1: refuses %s', (_what, value) => {
    expect(isSignedDescription(value)).toBe(false);
  });
});
