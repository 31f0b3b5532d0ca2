/**
 * The subtitles of a channel, which are text tracks of the element: hls.js makes them, and fetches the one that shows.
 * Shows those that a person most likely wants when they appear, and remembers what is chosen after that, by menu or key.
 */
import type { Track } from './pick-track.ts';
import type { TrackChoice } from './track-choice.ts';

/** What media-chrome's menu and keys ask of their controller. */
const TOGGLED = 'mediatogglesubtitlesrequest';
const REQUESTS = ['mediashowsubtitlesrequest', 'mediadisablesubtitlesrequest', TOGGLED];

interface SubtitleTrack extends Track {
  readonly track: TextTrack;
}

function subtitlesOf(video: HTMLVideoElement): SubtitleTrack[] {
  const tracks = [...video.textTracks].filter(({ kind }) => kind === 'subtitles' || kind === 'captions');
  return tracks.map((track) => ({ track, language: track.language, name: track.label }));
}

export interface SubtitlesParts {
  readonly video: HTMLVideoElement;
  /** Around media-chrome's controller: it has acted on a request by the time that its parent hears of it. */
  readonly player: HTMLElement;
  readonly choice: TrackChoice;
  /** Language of the sound, empty where it is not known. */
  readonly heard: () => string;
}

/** Follows until the answer is called. */
export function followSubtitles({ video, player, choice, heard }: SubtitlesParts): () => void {
  const left = new AbortController();
  const { signal } = left;
  let isDecided = false;
  /** What a person looked at last: turned off and on again it is the same. */
  let last: SubtitleTrack | undefined;
  const show = (wanted: SubtitleTrack | undefined): void => {
    for (const { track } of subtitlesOf(video)) track.mode = track === wanted?.track ? 'showing' : 'disabled';
    last = wanted ?? last;
  };
  const begin = (): void => {
    const tracks = subtitlesOf(video);
    if (isDecided || tracks.length === 0) return;
    isDecided = true;
    const wanted = choice.subtitles(tracks, heard());
    if (wanted) show(wanted);
  };
  const requested = (event: Event): void => {
    isDecided = true;
    const tracks = subtitlesOf(video);
    const showing = tracks.find(({ track }) => track.mode === 'showing');
    // The key turns on whichever is first.
    const wanted = showing && event.type === TOGGLED ? (tracks.find(({ track }) => track === last?.track) ?? choice.someSubtitles(tracks)) : showing;
    if (wanted !== showing) show(wanted);
    last = wanted ?? last;
    choice.rememberSubtitles(wanted ?? null);
  };
  video.textTracks.addEventListener('addtrack', begin, { signal });
  for (const request of REQUESTS) player.addEventListener(request, requested, { signal });
  begin();
  return () => left.abort();
}
