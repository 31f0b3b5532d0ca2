/**
 * The streams that one media file becomes. With one sound, or none, that is one: picture and sound together, which is
 * least work for everybody. With several, the picture is a stream of its own and so is each sound, because a viewer
 * listens to one of them.
 */
import { MAX_STREAMS } from '#protocol/limits';
import type { AudioSource, MediaFile } from './media-file.ts';
import { needsRewriting, writeHeader, type Tracks } from './write-header.ts';

export interface Rendition {
  readonly file: MediaFile;
  /** Empty where there is no other to tell it from. */
  readonly name: string;
}

/** In the order of streams. They share the bytes of `file`, which stays its caller's to close. */
export async function renditionsOf(file: MediaFile): Promise<Rendition[]> {
  const sounds = [...(file.audio ? [file.audio] : []), ...file.otherAudio].slice(0, MAX_STREAMS - 1);
  if (sounds.length < 2) return [{ file, name: '' }];
  const names = nameTracks(sounds, 'Sound');
  const pictures = file.video ? [{ file: await partOf(file, { video: file.video, audio: undefined }), name: '' }] : [];
  const heard = await Promise.all(sounds.map(async (audio, at) => ({ file: await partOf(file, { video: undefined, audio }), name: names[at]! })));
  return [...pictures, ...heard];
}

const partOf = async (file: MediaFile, tracks: Tracks): Promise<MediaFile> => ({
  ...file, ...tracks, otherAudio: [], init: await writeHeader(tracks), needsRewriting: await needsRewriting(tracks),
});

/**
 * As the file calls them, else by their language, else by number; no two alike, because players tell them apart by it.
 * @param word what they are where nothing else is known
 */
export function nameTracks(tracks: readonly Pick<AudioSource, 'name' | 'language'>[], word: string): string[] {
  const names: string[] = [];
  for (const [at, { name, language }] of tracks.entries()) {
    const wanted = (name || languageName(language) || `${word} ${at + 1}`).slice(0, 90);
    let [chosen, number] = [wanted, 1];
    while (names.includes(chosen)) chosen = `${wanted} ${++number}`;
    names.push(chosen);
  }
  return names;
}

/** In the language itself, as its speakers look for it: Deutsch, français. Empty where it is not known. */
export function languageName(tag: string): string {
  if (tag === '') return '';
  const name = new Intl.DisplayNames([tag], { type: 'language', fallback: 'none' }).of(tag) ?? '';
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}
