/**
 * Which of several sounds or subtitles a person most likely wants: the one they chose last, or else one in a language
 * that their browser names. Policy only.
 */
export interface Track {
  /** BCP 47 tag, or empty. */
  readonly language: string;
  readonly name: string;
}

/** What a person decided about subtitles: one of them, or none; undefined while they have not. */
export type SubtitleWish = Track | null | undefined;

/** `pt` of `pt-BR`: closer than another language, whatever the region. */
const primary = (tag: string): string => tag.toLowerCase().split('-', 1)[0]!;

/**
 * @param wish what was chosen last, perhaps of another channel: its name counts only together with its language
 * @param languages the person's own, the best first
 */
export function pickTrack<T extends Track>(tracks: readonly T[], wish: Track | undefined, languages: readonly string[]): T | undefined {
  const same = wish && tracks.find(({ language, name }) => language === wish.language && name === wish.name);
  if (same) return same;
  for (const wanted of [...(wish ? [wish.language] : []), ...languages].filter((tag) => tag !== '')) {
    const found = tracks.find(({ language }) => language === wanted) ?? tracks.find(({ language }) => primary(language) === primary(wanted));
    if (found) return found;
  }
  return undefined;
}

/** Subtitles that show without being asked for: those chosen last, and where nobody chose, those that a person needs to follow what is said. */
export function pickSubtitles<T extends Track>(tracks: readonly T[], wish: SubtitleWish, languages: readonly string[], heard: string): T | undefined {
  if (wish === null) return undefined;
  const isUnderstood = heard === '' || languages.some((tag) => primary(tag) === primary(heard));
  return wish === undefined && isUnderstood ? undefined : pickTrack(tracks, wish, languages);
}
