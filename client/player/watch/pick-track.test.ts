// Which sound and which subtitles a channel begins with, for people of several languages.
import { describe, expect, it } from 'vitest';
import { pickSubtitles, pickTrack, type SubtitleWish, type Track } from './pick-track.ts';

const track = (language: string, name = ''): Track => ({ language, name });
const ENGLISH = track('en', 'English');
const COMMENTARY = track('en', 'Commentary');
const GERMAN = track('de', 'Deutsch');
const BRAZILIAN = track('pt-BR', 'Português');
const NAMELESS = track('', 'Sound 4');
const ALL = [ENGLISH, COMMENTARY, GERMAN, BRAZILIAN, NAMELESS];

describe('pickTrack', () => {
  it.each<[string, Track | undefined, readonly string[], Track | undefined]>([
    ['the first of the browser’s languages that there is', undefined, ['fr', 'de', 'en'], GERMAN],
    ['another region of a language rather than another language', undefined, ['pt-PT', 'en'], BRAZILIAN],
    ['a language for a region of it', undefined, ['de-AT'], GERMAN],
    ['nothing where no language is there', undefined, ['fr'], undefined],
    ['what was chosen last, before the browser’s languages', GERMAN, ['en'], GERMAN],
    ['what was chosen last by its name too', COMMENTARY, ['de'], COMMENTARY],
    ['the language of what was chosen elsewhere', track('de', 'German, for the deaf'), ['en'], GERMAN],
    ['the browser’s languages where what was chosen is not there', track('fr', 'Français'), ['de'], GERMAN],
    ['a sound of no language by its name', NAMELESS, ['en'], NAMELESS],
    ['never a sound of no language by accident', track('', 'Sound 9'), [''], undefined],
  ])('%s', (_name, wish, languages, picked) => expect(pickTrack(ALL, wish, languages)).toBe(picked));
});

describe('pickSubtitles', () => {
  it.each<[string, SubtitleWish, readonly string[], string, Track | undefined]>([
    ['none where the sound is understood', undefined, ['en', 'de'], 'de', undefined],
    ['none where nobody knows what is spoken', undefined, ['en'], '', undefined],
    ['the viewer’s language where the sound is not understood', undefined, ['de'], 'ja', GERMAN],
    ['none in languages that nobody asked for', undefined, ['fr'], 'ja', undefined],
    ['what was chosen last, understood or not', GERMAN, ['en'], 'en', GERMAN],
    ['the viewer’s language where what was chosen is not there', track('fr', 'Français'), ['de'], 'de', GERMAN],
    ['none for who turned them off', null, ['de'], 'ja', undefined],
  ])('%s', (_name, wish, languages, heard, picked) => expect(pickSubtitles(ALL, wish, languages, heard)).toBe(picked));
});
