/**
 * hls.js on a video element, kept playing: attaches, starts by itself (muted where the browser insists), and recovers
 * from what hls.js calls fatal. It knows nothing of peers; the loaders bring the media.
 */
import type Hls from 'hls.js';
import type { ErrorData, HlsConfig } from 'hls.js';
import type { Cancel, Clock } from '#engine/ports';
import type { StreamId } from '#protocol/ids';
import { parseChannelUrl } from './channel-url.ts';
import { HLS_BASE } from './hls-config.ts';
import type { PlacedFragment } from './media-timeline.ts';
import type { OpeningMedia } from './viewer-api.ts';

/** Pause before loading is restarted after a fatal error, doubled each time up to the longest. */
const RESTART_MS = 500;
const RESTART_MAX_MS = 8_000;
/** Decoder failures in a row, without anything played between, after which the format is held to be unplayable. */
const MAX_MEDIA_ERRORS = 4;

export interface PlayerLevel {
  /** What `setLevel` takes. */
  readonly level: number;
  readonly height: number;
  /** Bits a second. */
  readonly bandwidth: number;
  readonly name: string;
}

export interface HlsPlayerListener {
  /** The streams in use now. */
  onStreams(streams: readonly StreamId[]): void;
  /** Playlist, level or place of fragments changed. */
  onChanged(): void;
}

export interface PlayerState {
  /** `recovering`: an error is being got over. `failed`: `sentence` says why it cannot. */
  readonly state: 'playing' | 'recovering' | 'failed';
  readonly sentence: string | null;
  /** The browser allowed playback only without sound, and nobody has turned it on since. */
  readonly isMutedByBrowser: boolean;
  /** The browser allows no playback before a click. */
  readonly needsClick: boolean;
}

/** hls.js, whichever build: load-hls.ts chooses. */
export type HlsClass = typeof Hls;

/**
 * hls.js on the element before it is known what to play. Its construction and the opening of the MediaSource are a third
 * of what a first frame costs; they fit into the time that the channel's signature takes to check.
 */
export function prepareHls(HlsOfBuild: HlsClass, { video, mediaSource }: OpeningMedia): Hls {
  const hls = new HlsOfBuild(HLS_BASE);
  hls.attachMedia(mediaSource === undefined ? video : { media: video, mediaSource });
  return hls;
}

export interface HlsPlayerParts {
  /** The class `hls` is made of, for its constants. */
  readonly Hls: HlsClass;
  /** From `prepareHls`; the player's from now on. */
  readonly hls: Hls;
  readonly video: HTMLVideoElement;
  /** What the channel and its loaders add. */
  readonly config: Partial<HlsConfig>;
  readonly source: string;
  readonly clock: Clock;
  readonly listener: HlsPlayerListener;
}

export class HlsPlayer {
  readonly #hls: Hls;
  readonly #parts: HlsPlayerParts;
  readonly #controller = new AbortController();
  #state: PlayerState = { state: 'playing', sentence: null, isMutedByBrowser: false, needsClick: false };
  #restarts = 0;
  #mediaErrors = 0;
  #stopRestart: Cancel | undefined;

  constructor(parts: HlsPlayerParts) {
    this.#parts = parts;
    const { hls, config } = parts;
    const { Events } = parts.Hls;
    this.#hls = hls;
    Object.assign(hls.config, config);
    const changed = (): void => parts.listener.onChanged();
    const streams = (): void => {
      parts.listener.onStreams(this.#streams());
      changed();
    };
    hls.on(Events.MANIFEST_PARSED, streams);
    hls.on(Events.LEVEL_SWITCHING, streams);
    hls.on(Events.AUDIO_TRACK_SWITCHING, streams);
    hls.on(Events.SUBTITLE_TRACK_SWITCH, streams);
    hls.on(Events.LEVEL_SWITCHED, changed);
    hls.on(Events.LEVEL_UPDATED, changed);
    hls.on(Events.LEVEL_PTS_UPDATED, changed);
    hls.on(Events.FRAG_BUFFERED, () => this.#recovered());
    hls.on(Events.ERROR, (_event, data) => this.#failed(data));
    hls.loadSource(parts.source);
    const { signal } = this.#controller;
    parts.video.addEventListener('volumechange', () => this.#soundChanged(), { signal });
    parts.video.addEventListener('playing', () => this.#set({ needsClick: false }), { signal });
    void this.#play();
  }

  get state(): PlayerState {
    return this.#state;
  }

  get levels(): readonly PlayerLevel[] {
    return this.#hls.levels.map(({ height, bitrate, name }, level) => {
      return { level, height, bandwidth: bitrate, name: height > 0 ? `${height}p` : name || `${Math.round(bitrate / 1000)} kbit/s` };
    });
  }

  /** The level on screen; -1 before the first. */
  get currentLevel(): number {
    return this.#hls.currentLevel;
  }

  get isAutoLevel(): boolean {
    return this.#hls.autoLevelEnabled;
  }

  /** The sound that is being played; undefined where it comes with the picture. */
  get sound(): StreamId | undefined {
    return streamAt(this.#hls.audioTracks[this.#hls.audioTrack]?.url);
  }

  /** Fragments of the current playlist as placed on the element's clock, newest first; made as they are asked for, since mostly one will do. */
  *fragments(): Generator<PlacedFragment, void> {
    const fragments = this.#hls.latestLevelDetails?.fragments ?? [];
    for (let at = fragments.length - 1; at >= 0; at--) {
      const { url, start } = fragments[at]!;
      const part = parseChannelUrl(url);
      if (part?.kind === 'chunk') yield { start, index: part.index };
    }
  }

  /** Where a viewer that follows the live edge should be, seconds of the element's clock; null for VoD. */
  get liveSyncPosition(): number | null {
    return this.#hls.liveSyncPosition;
  }

  /** Seconds behind the live edge as hls.js measures it, and where it wants to be. */
  get latency(): { readonly seconds: number; readonly targetSeconds: number } | null {
    const targetSeconds = this.#hls.targetLatency;
    return targetSeconds === null ? null : { seconds: this.#hls.latency, targetSeconds };
  }

  /** Seconds behind the end of the newest playlist at which a viewer that follows should be. */
  setLiveTarget(seconds: number): void {
    this.#hls.config.liveSyncDuration = seconds;
  }

  /** A level of `levels` from the next chunk on, or -1 for automatic. */
  setLevel(level: number): void {
    this.#hls.nextLevel = level;
    this.#parts.listener.onChanged();
  }

  /** A sound that is a stream of its own, from the next chunk on: to begin at once the picture would have to wait for it. */
  setSound(stream: StreamId): void {
    this.#hls.nextAudioTrack = this.#hls.audioTracks.findIndex(({ url }) => streamAt(url) === stream);
    this.#parts.listener.onChanged();
  }

  /** Idempotent; the element is free afterwards. */
  close(): void {
    this.#controller.abort();
    this.#stopRestart?.();
    this.#hls.destroy();
  }

  #streams(): StreamId[] {
    const level = this.#hls.levels[this.#hls.loadLevel] ?? this.#hls.levels[this.#hls.firstLevel];
    const audio = this.#hls.audioTracks[this.#hls.audioTrack];
    const subtitles = this.#hls.subtitleTracks[this.#hls.subtitleTrack];
    return [level?.uri, audio?.url, subtitles?.url].flatMap((url) => streamAt(url) ?? []);
  }

  async #play(): Promise<void> {
    const { video } = this.#parts;
    try {
      await video.play();
    } catch (cause) {
      if (!isRefusal(cause) || this.#controller.signal.aborted) return; // Aborted by a pause or a new source: no refusal.
      if (video.muted) {
        this.#set({ needsClick: true });
        return;
      }
      video.muted = true;
      this.#set({ isMutedByBrowser: true });
      await this.#play();
    }
  }

  #soundChanged(): void {
    if (!this.#parts.video.muted) this.#set({ isMutedByBrowser: false });
  }

  #recovered(): void {
    this.#restarts = 0;
    this.#mediaErrors = 0;
    if (this.#state.state === 'recovering') this.#set({ state: 'playing', sentence: null });
  }

  #failed(data: ErrorData): void {
    if (!data.fatal) return;
    const { ErrorDetails, ErrorTypes } = this.#parts.Hls;
    const isFormat =
      data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR || data.details === ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR;
    if (isFormat || (data.type === ErrorTypes.MEDIA_ERROR && ++this.#mediaErrors > MAX_MEDIA_ERRORS)) {
      this.#hls.stopLoad();
      this.#set({ state: 'failed', sentence: "This browser cannot play the channel's video format. Try another browser." });
      return;
    }
    this.#set({ state: 'recovering', sentence: 'Playback was interrupted and is being resumed.' });
    const waitMs = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** this.#restarts++);
    this.#stopRestart?.();
    this.#stopRestart = this.#parts.clock.after(data.type === ErrorTypes.MEDIA_ERROR ? 0 : waitMs, () => {
      if (data.type === ErrorTypes.MEDIA_ERROR) this.#hls.recoverMediaError();
      else if (this.#hls.levels.length === 0) this.#hls.loadSource(this.#parts.source);
      else this.#hls.startLoad();
    });
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    this.#parts.listener.onChanged();
  }
}

/** The stream that an address of hls.js's is about. */
function streamAt(url: string | undefined): StreamId | undefined {
  const part = url === undefined ? undefined : parseChannelUrl(url);
  return part === undefined || part.kind === 'master' ? undefined : part.stream;
}

const isRefusal = (cause: unknown): boolean => cause instanceof DOMException && cause.name === 'NotAllowedError';
