/**
 * A person's choice of sound and subtitles: what they chose last in this browser, on whichever channel, else what its
 * languages suggest. Read when a channel opens, before anything is fetched; written by the menus.
 */
import type { LocalMemory } from '../store/local-memory.ts';
import { pickSubtitles, pickTrack, type SubtitleWish, type Track } from './pick-track.ts';

export interface TrackChoice {
  /** Undefined for whatever the publisher put first. */
  readonly sound: <T extends Track>(sounds: readonly T[]) => T | undefined;
  /** Undefined for none. @param heard language of the sound, empty where it is not known */
  readonly subtitles: <T extends Track>(subtitles: readonly T[], heard: string) => T | undefined;
  /** For who turns subtitles on without saying which; undefined where there are none. */
  readonly someSubtitles: <T extends Track>(subtitles: readonly T[]) => T | undefined;
  readonly rememberSound: (sound: Track) => void;
  /** Null for none. */
  readonly rememberSubtitles: (subtitles: Track | null) => void;
}

/** A language tag has no blank in it, a name may; nothing at all is the wish for none. */
const written = (track: Track | null): string => (track === null ? '' : `${track.language} ${track.name}`);

function read(text: string | null): SubtitleWish {
  if (text === null) return undefined;
  const [language = '', ...name] = text.split(' ');
  return text === '' ? null : { language, name: name.join(' ') };
}

export function createTrackChoice(memory: LocalMemory, languages: readonly string[]): TrackChoice {
  return {
    sound: (sounds) => pickTrack(sounds, read(memory.read('sound')) ?? undefined, languages),
    subtitles: (subtitles, heard) => pickSubtitles(subtitles, read(memory.read('subtitles')), languages, heard),
    someSubtitles: (subtitles) => pickTrack(subtitles, undefined, languages) ?? subtitles[0],
    rememberSound: (sound) => memory.write('sound', written(sound)),
    rememberSubtitles: (subtitles) => memory.write('subtitles', written(subtitles)),
  };
}
