/** Sounds and subtitles between the viewer, a person's choice and media-chrome's menus. */
import { useEffect, useLayoutEffect, useMemo, type RefObject } from 'react';
import { usePageViewer, useViewer } from '../store/use-viewer.ts';
import { SoundTracks } from './sound-tracks.ts';
import { followSubtitles } from './subtitle-tracks.ts';
import type { TrackChoice } from './track-choice.ts';

/** Gives the element its list of sounds, before media-chrome looks for one. */
export function useSounds(video: HTMLVideoElement, choice: TrackChoice): void {
  const viewer = usePageViewer();
  const sounds = useViewer((state) => state.sounds);
  const heard = useViewer((state) => state.sound);
  const list = useMemo(() => new SoundTracks((id) => {
    const chosen = viewer.getSnapshot().sounds.find(({ stream }) => String(stream) === id);
    if (chosen === undefined) return;
    viewer.setSound(chosen.stream);
    choice.rememberSound(chosen);
  }), [viewer, choice]);
  useLayoutEffect(() => {
    Object.defineProperty(video, 'audioTracks', { value: list, configurable: true });
  }, [video, list]);
  useEffect(() => {
    list.show(sounds.map(({ stream, language, name }, at) => ({ id: String(stream), language, label: name || language || `Sound ${at + 1}` })), String(heard));
  }, [list, sounds, heard]);
}

/** Shows the subtitles that are wanted, and remembers which are. */
export function useSubtitles(video: HTMLVideoElement, player: RefObject<HTMLElement | null>, choice: TrackChoice): void {
  const viewer = usePageViewer();
  const isOpen = useViewer((state) => state.title !== null);
  useEffect(() => {
    if (!isOpen || player.current === null) return undefined;
    const heard = (): string => {
      const { sounds, sound } = viewer.getSnapshot();
      return sounds.find(({ stream }) => stream === sound)?.language ?? '';
    };
    return followSubtitles({ video, player: player.current, choice, heard });
  }, [viewer, video, player, choice, isOpen]);
}
