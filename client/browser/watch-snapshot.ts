/** What a watch page shows, as one plain object that stays the same object until something has changed. */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import type { PlaybackFigures } from './playback-watch.ts';
import type { PlayerLevel } from './hls-player.ts';
import type { ChannelTrouble } from './open-channel.ts';

/** Part of a stream's description. */
export interface NamedStream {
  /** BCP 47 tag, or empty. */
  readonly language: string;
  readonly name: string;
}

export interface SoundStream extends NamedStream {
  readonly stream: number;
}

export interface WatchSnapshot {
  /**
   * `opening`: the description is on its way. `open`: playing or about to. `recovering`: playback broke and is being
   * resumed. `failed`: it cannot go on, `sentence` says why and what to do. `closed`: after `close()`.
   */
  readonly status: 'opening' | 'open' | 'recovering' | 'failed' | 'closed';
  /** For a person; set with `recovering` and `failed`. */
  readonly sentence: string | null;
  /** Why opening failed; null otherwise. */
  readonly trouble: ChannelTrouble | 'unsupportedBrowser' | null;
  readonly title: string | null;
  readonly kind: 'vod' | 'live' | null;
  /** Address of the channel's poster, and of the WebVTT track of pictures for its seek bar; null where it has none. */
  readonly poster: string | null;
  readonly thumbnails: string | null;
  /** Null before the channel is open. */
  readonly engine: ViewerSnapshot | null;
  readonly playback: PlaybackFigures;
  readonly isMutedByBrowser: boolean;
  /** The browser wants a click before it plays anything. */
  readonly needsClick: boolean;
  /** Null for VoD and before the first frame. */
  readonly live: null | {
    /** How long ago the media now shown was on air, milliseconds. */
    readonly behindMs: number;
    readonly isAtLive: boolean;
  };
  readonly levels: readonly PlayerLevel[];
  /** On screen; -1 before the first frame. */
  readonly level: number;
  readonly isAutoLevel: boolean;
  /** Streams with sound, in the publisher's order; the picture's own where none is a stream of its own. */
  readonly sounds: readonly SoundStream[];
  /** That of `sounds` which is heard; -1 where there is none. */
  readonly sound: number;
}

export const NO_PLAYBACK: PlaybackFigures = { startupMs: null, stalls: 0, stalledMs: 0, watchedMs: 0, isStalled: false };
