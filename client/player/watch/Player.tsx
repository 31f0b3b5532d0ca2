/**
 * The picture and its controls: media-chrome around the page's video element, plus what is ours: the live badge, the
 * buttons for what browsers refuse to start by themselves, and the status sentence.
 */
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { ChannelId } from '#protocol/ids';
import { ChannelArtwork } from '../artwork/ChannelArtwork.tsx';
import { useViewer } from '../store/use-viewer.ts';
import { forwardHotkeys } from './hotkeys.ts';
import { LiveButton } from './LiveButton.tsx';
import './player.css';
import { StatusOverlay } from './StatusOverlay.tsx';
import type { TrackChoice } from './track-choice.ts';
import { useSounds, useSubtitles } from './use-tracks.ts';
import { unmute } from './video-element.ts';
import { watchStatus, type WatchStatus } from './watch-status.ts';

export interface PlayerProps {
  readonly video: HTMLVideoElement;
  readonly channel: ChannelId;
  readonly tracks: TrackChoice;
}

function UnmuteButton({ video }: { readonly video: HTMLVideoElement }) {
  const isMutedByBrowser = useViewer((state) => state.isMutedByBrowser);
  if (!isMutedByBrowser) return null;
  return (
    <button
      type="button" className="button over-video" slot="top-chrome" data-testid="unmute" {...{ noautohide: '' }}
      onClick={() => unmute(video)}
    >
      <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
        <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5Z" fill="currentColor" strokeLinejoin="round" />
        <path d="m16 9.5 5 5m0-5-5 5" />
      </svg>
      Unmute
    </button>
  );
}

/** For browsers that play nothing, not even without sound, before a click. */
function StartButton({ video }: { readonly video: HTMLVideoElement }) {
  const needsClick = useViewer((state) => state.needsClick);
  if (!needsClick) return null;
  return (
    <button
      type="button" className="button over-video" slot="centered-chrome" data-testid="start" {...{ noautohide: '' }}
      onClick={() => void video.play().catch(() => undefined)}
    >
      <svg viewBox="0 0 24 24" width="20" height="20" fill="currentColor" aria-hidden="true"><path d="M7 4.5v15l12-7.5Z" /></svg>
      Play
    </button>
  );
}

function useWatchStatus(): WatchStatus | null {
  const status = useViewer((state) => state.status);
  const trouble = useViewer((state) => state.trouble);
  const sentence = useViewer((state) => state.sentence);
  const notice = useViewer((state) => state.engine?.notice ?? null);
  return watchStatus({ status, trouble, sentence, notice });
}

/** Where media-chrome's seek bar looks for its pictures: a track of the video. */
function useThumbnails(video: HTMLVideoElement): void {
  const thumbnails = useViewer((state) => state.thumbnails);
  useEffect(() => {
    if (thumbnails === null) return undefined;
    const track = Object.assign(document.createElement('track'), { kind: 'metadata', label: 'thumbnails', src: thumbnails, default: true });
    video.append(track);
    return () => track.remove();
  }, [video, thumbnails]);
}

function Controls({ isLive }: { readonly isLive: boolean }) {
  return (
    <media-control-bar className="controls">
      <media-time-range className="controls__seek" />
      <div className="controls__row">
        <media-play-button />
        <media-mute-button />
        <media-volume-range />
        {isLive ? <LiveButton /> : <media-time-display showduration notoggle />}
        <span className="controls__gap" />
        <media-audio-track-menu-button />
        <media-captions-menu-button />
        <media-pip-button />
        <media-fullscreen-button />
      </div>
    </media-control-bar>
  );
}

export function Player({ video, channel, tracks }: PlayerProps) {
  const player = useRef<HTMLDivElement>(null);
  const controller = useRef<HTMLElement>(null);
  const kind = useViewer((state) => state.kind);
  const poster = useViewer((state) => state.poster);
  const status = useWatchStatus();
  useThumbnails(video);
  useSounds(video, tracks);
  useSubtitles(video, player, tracks);
  useLayoutEffect(() => {
    // React does not know this child; it never touches what it has not made.
    controller.current?.prepend(video);
  }, [video]);
  useEffect(() => (controller.current === null ? undefined : forwardHotkeys(document, controller.current)), []);
  return (
    <div ref={player} className="player" data-testid="player" data-stopped={status?.tone === 'stop'}>
      <media-controller ref={controller} nomutedpref nosubtitleslangpref defaultstreamtype={kind === 'live' ? 'live' : 'on-demand'}>
        <div slot="poster" className="player__poster">
          <ChannelArtwork id={channel} />
          {poster !== null && <img className="player__picture" src={poster} alt="" />}
        </div>
        <media-loading-indicator slot="centered-chrome" noautohide />
        <StartButton video={video} />
        <UnmuteButton video={video} />
        <Controls isLive={kind === 'live'} />
        <media-audio-track-menu anchor="auto" aria-label="Sound" hidden><span slot="header">Sound</span></media-audio-track-menu>
        <media-captions-menu anchor="auto" aria-label="Subtitles" hidden><span slot="header">Subtitles</span></media-captions-menu>
      </media-controller>
      <StatusOverlay status={status} channel={channel} />
    </div>
  );
}
