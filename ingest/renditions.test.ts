import { describe, expect, it } from 'vitest';
import { languageName, nameTracks } from './renditions.ts';

describe('the names of several sounds', () => {
  it.each([
    ['are those of the file', [{ name: 'Director', language: 'en' }, { name: 'Original', language: 'en' }], ['Director', 'Original']],
    ['else their languages, as their speakers call them', [{ name: '', language: 'de' }, { name: '', language: 'fr' }], ['Deutsch', 'Français']],
    ['are never alike', [{ name: '', language: 'en' }, { name: '', language: 'en' }, { name: 'English', language: '' }], ['English', 'English 2', 'English 3']],
    ['are numbers where nothing is known', [{ name: '', language: '' }, { name: '', language: 'qaa' }], ['Sound 1', 'Sound 2']],
  ])('%s', (_, tracks, names) => expect(nameTracks(tracks, 'Sound')).toEqual(names));

  it('of a language that nobody knows is none', () => expect(languageName('qaa')).toBe(''));
});
