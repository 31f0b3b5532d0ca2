/**
 * A channel on one video element: player, loaders, playback figures, live following, and the playhead that the engine
 * schedules by. Made when channel and element are both there, closed when either goes.
 */
import type Hls from 'hls.js';
import type { Engine } from '#engine/engine-api';
import type { Cancel, Clock } from '#engine/ports';
import type { ChannelDescription } from '#protocol/description';
import { streamId, type StreamId } from '#protocol/ids';
import type { ChunkRecord } from '#protocol/record';
import { channelConfig } from './hls-config.ts';
import { createHlsLoaders } from './hls-loaders.ts';
import { HlsPlayer, type HlsClass } from './hls-player.ts';
import { MediaHeaders } from './media-headers.ts';
import { LiveFollower } from './live-follower.ts';
import { LiveMargin } from './live-margin.ts';
import { liveSyncSeconds, liveTarget } from './live-target.ts';
import { aheadSeconds } from './media-ahead.ts';
import { offsetUs, type PlacedChunk } from './media-timeline.ts';
import { PlaybackWatch, type PlaybackFigures } from './playback-watch.ts';
import { StartHold } from './start-hold.ts';

export interface ViewerScreenParts {
  readonly Hls: HlsClass;
  /** From `prepareHls`; the screen's from now on. */
  readonly hls: Hls;
  readonly video: HTMLVideoElement;
  readonly engine: Engine;
  readonly description: ChannelDescription;
  /** The description as it is now; undefined where it could not be had. Never rejects. */
  readonly readAgain: () => Promise<ChannelDescription | undefined>;
  /** URL of the master playlist; answered by the loaders, never fetched. */
  readonly source: string;
  readonly clock: Clock;
  /** The host's wall clock, milliseconds since 1970, as well as it is known. */
  readonly hostMs: () => number;
  /** When the viewer asked to watch, by `clock`. */
  readonly startedMs: number;
  readonly onChanged: () => void;
}

/** With less than this much ahead, seconds, a chunk is played as it comes instead of when it is whole. */
const PARTS_BELOW_S = 1;

/**
 * A live viewer may begin shortly before the end of a chunk: what is this little ahead of that is fetched, and waited for,
 * before playback begins, as if it were a little further on.
 */
const LIVE_LEAD_MS = 200;

/** Events of the element after which the engine should know where the playhead is. */
const PLAYHEAD_EVENTS = ['timeupdate', 'seeking', 'seeked', 'play', 'playing', 'pause', 'ratechange', 'ended'] as const;

export class ViewerScreen {
  readonly player: HlsPlayer;
  readonly #parts: ViewerScreenParts;
  readonly #watch: PlaybackWatch;
  readonly #hold: StartHold;
  readonly #follower: LiveFollower | undefined;
  readonly #headers: MediaHeaders;
  readonly #controller = new AbortController();
  readonly #stopRecords: Cancel;
  readonly #vodChunks: ReadonlyMap<StreamId, readonly PlacedChunk[]>;
  readonly #chunkSeconds: number;
  #stream: StreamId;
  #offsetUs: number | undefined;

  constructor(parts: ViewerScreenParts) {
    this.#parts = parts;
    const { video, engine, description, clock, source } = parts;
    const isLive = description.kind === 'live';
    this.#vodChunks = new Map(description.streams.map((stream) => [streamId(stream.id), placeVod(stream.durationsUs)]));
    this.#stream = streamId(description.streams[0]!.id);
    this.#chunkSeconds = Math.max(...description.streams.map((stream) => stream.targetDurationSeconds));
    this.#watch = new PlaybackWatch(video, () => clock.nowMs(), parts.startedMs);
    this.#hold = new StartHold({ video, clock, supplyMs: () => engine.supplyMs + (isLive ? LIVE_LEAD_MS : 0), onOver: () => this.#tellPlayhead() });
    this.#headers = new MediaHeaders({ description, clock, readAgain: parts.readAgain });
    const loaders = createHlsLoaders({
      engine,
      description,
      headers: this.#headers,
      clock,
      wantsParts: () => !this.#watch.hasStarted || aheadSeconds(video) < PARTS_BELOW_S,
      isHidden: () => document.hidden,
      beforeLive: (newest) => this.player.setLiveTarget(liveTarget(newest, this.#follower?.syncSeconds ?? liveSyncSeconds(description), this.#chunkSeconds, parts.hostMs())),
    });
    this.player = new HlsPlayer({
      Hls: parts.Hls,
      hls: parts.hls,
      video,
      config: { ...channelConfig(description), fLoader: loaders.fLoader, pLoader: loaders.pLoader },
      source,
      clock,
      listener: {
        onStreams: (streams) => {
          this.#stream = streams[0] ?? this.#stream;
          engine.setStreams(streams);
        },
        onChanged: () => this.#placed(),
      },
    });
    this.#follower = isLive ? this.#follow() : undefined;
    this.#stopRecords = engine.onRecords(() => this.#follower?.look());
    const { signal } = this.#controller;
    for (const type of PLAYHEAD_EVENTS) video.addEventListener(type, () => this.#tellPlayhead(), { signal });
    this.#tellPlayhead();
  }

  get playback(): PlaybackFigures {
    return this.#watch.figures();
  }

  get live(): { readonly behindMs: number; readonly isAtLive: boolean } | null {
    return this.#watch.hasStarted ? (this.#follower?.position ?? null) : null;
  }

  jumpToLive(): void {
    this.#follower?.jumpToLive();
    if (this.#parts.video.paused) void this.#parts.video.play().catch(() => undefined); // Refused: the play button is there.
  }

  /** Takes everything off the element. Idempotent. */
  close(): void {
    this.#controller.abort();
    this.#stopRecords();
    this.#follower?.close();
    this.#headers.close();
    this.#hold.close();
    this.#watch.close();
    this.player.close();
  }

  #follow(): LiveFollower {
    const { video, engine, description, clock, hostMs } = this.#parts;
    return new LiveFollower({
      video,
      player: this.player,
      clock,
      records: () => engine.records(this.#stream),
      mediaUs: () => this.#mediaUs(),
      hostMs,
      chunkMs: this.#chunkSeconds * 1000,
      sync: description.liveDelayMs === undefined ? liveSyncSeconds(description) : new LiveMargin({ chunkMs: this.#chunkSeconds * 1000, delayMs: description.liveDelayMs }),
      stalls: () => this.#watch.figures().stalls,
    });
  }

  #placed(): void {
    // Called from inside the player's constructor too.
    if ((this as { player?: HlsPlayer }).player === undefined) return;
    const offset = offsetUs(this.player.fragments(), this.#chunks());
    if (offset !== undefined && offset !== this.#offsetUs) {
      this.#offsetUs = offset;
      this.#tellPlayhead();
    }
    this.#parts.onChanged();
  }

  #chunks(): readonly PlacedChunk[] {
    const { description, engine } = this.#parts;
    return description.kind === 'vod' ? (this.#vodChunks.get(this.#stream) ?? []) : engine.records(this.#stream);
  }

  /** The playhead in channel time; undefined while a live stream has not been placed. */
  #mediaUs(): number | undefined {
    const { video, description } = this.#parts;
    if (this.#offsetUs === undefined) return description.kind === 'vod' ? video.currentTime * 1e6 : undefined;
    return Math.max(0, video.currentTime * 1e6 + this.#offsetUs);
  }

  #tellPlayhead(): void {
    const { video, engine, description } = this.#parts;
    const hasStarted = this.#watch.hasStarted && !this.#hold.isHolding;
    let mediaUs = this.#mediaUs();
    if (description.kind === 'live' && !hasStarted) {
      // hls.js will start at its sync position, and the element still says 0.
      const newest: ChunkRecord | undefined = engine.records(this.#stream).at(-1);
      if (newest === undefined) return;
      const target = liveTarget(newest, liveSyncSeconds(description), this.#chunkSeconds, this.#parts.hostMs());
      mediaUs = Math.max(0, newest.startUs + newest.durationUs - target * 1e6 + LIVE_LEAD_MS * 1e3);
    }
    if (mediaUs === undefined) return;
    engine.setPlayhead({ mediaUs, rate: video.paused || video.ended ? 0 : video.playbackRate, hasStarted });
  }
}

function placeVod(durationsUs: readonly number[]): PlacedChunk[] {
  let startUs = 0;
  return durationsUs.map((durationUs, index) => {
    const placed = { index: index as ChunkRecord['index'], startUs, durationUs, onAirMs: 0 };
    startUs += durationUs;
    return placed;
  });
}
