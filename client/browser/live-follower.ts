/**
 * Keeps a live viewer near the edge: gathers the figures that `placeLive` decides on and carries its decision out on the
 * video element. Also what the live badge reads.
 */
import type { Cancel, Clock } from '#engine/ports';
import type { ChunkRecord } from '#protocol/record';
import type { HlsPlayer } from './hls-player.ts';
import type { LiveMargin } from './live-margin.ts';
import { isAtLive, placeLive, type LiveState } from './live-position.ts';
import { aheadSeconds } from './media-ahead.ts';
import { behindMs } from './media-timeline.ts';

/** A seek shorter than this is hls.js stepping over a gap, not a person. */
const MIN_SEEK_S = 1;
/** Pause between two jumps: the first needs time to take effect. */
const JUMP_PAUSE_MS = 2_000;
/** A seek that takes longer than this leads to what nobody has: the next jump is due. */
const LONGEST_SEEK_MS = 3_000;

export interface LiveFollowerParts {
  readonly video: HTMLVideoElement;
  readonly player: Pick<HlsPlayer, 'liveSyncPosition' | 'latency'>;
  readonly clock: Clock;
  readonly records: () => readonly ChunkRecord[];
  /** The playhead in channel time, microseconds; undefined before the two clocks are matched. */
  readonly mediaUs: () => number | undefined;
  /** The host's wall clock, milliseconds since 1970. */
  readonly hostMs: () => number;
  readonly chunkMs: number;
  /** How far behind what is on air it should play: seconds, or as it is measured. */
  readonly sync: number | LiveMargin;
  /** Times playback has stood still so far. */
  readonly stalls: () => number;
}

export class LiveFollower {
  readonly #parts: LiveFollowerParts;
  readonly #controller = new AbortController();
  #followsLive = true;
  #rate = 1;
  #lastTime = 0;
  #jumpedMs = -Infinity;
  #seekingSinceMs: number | null = null;
  #stalls = 0;
  #newest = -1;

  constructor(parts: LiveFollowerParts) {
    this.#parts = parts;
    const { video } = parts;
    const { signal } = this.#controller;
    video.addEventListener('timeupdate', () => this.look(), { signal });
    video.addEventListener('seeking', () => this.#sought(), { signal });
    video.addEventListener('seeked', () => (this.#seekingSinceMs = null), { signal });
    // A pause is a wish to stay where one is; resuming goes on from there, behind live.
    video.addEventListener('pause', () => (this.#followsLive = false), { signal });
    video.addEventListener('play', () => (this.#followsLive ||= this.position?.isAtLive ?? true), { signal });
  }

  /** Seconds behind what is on air at which it should play now. */
  get syncSeconds(): number {
    const { sync, clock } = this.#parts;
    return typeof sync === 'number' ? sync : sync.targetMs(clock.nowMs()) / 1000;
  }

  /** Null while nothing is known. */
  get position(): { readonly behindMs: number; readonly isAtLive: boolean } | null {
    const state = this.#state();
    return state === undefined ? null : { behindMs: Math.max(0, state.behindMs), isAtLive: isAtLive(state) };
  }

  jumpToLive(): void {
    const { video, player, clock } = this.#parts;
    this.#followsLive = true;
    const target = player.liveSyncPosition;
    if (target === null) return;
    this.#jumpedMs = clock.nowMs();
    this.#setRate(1);
    video.currentTime = target;
  }

  /** Looks again; called on every timeupdate, and when a new record came. */
  look(): void {
    const { video, clock } = this.#parts;
    this.#measure();
    const state = this.#state();
    this.#lastTime = video.currentTime;
    // At rate 0 it is held, and not by this class.
    if (state === undefined || video.paused || video.playbackRate === 0) return;
    if (video.seeking && clock.nowMs() - (this.#seekingSinceMs ?? clock.nowMs()) < LONGEST_SEEK_MS) return;
    const decision = placeLive(state);
    if (decision.action === 'jump') {
      if (clock.nowMs() - this.#jumpedMs > JUMP_PAUSE_MS) this.jumpToLive();
    } else {
      this.#setRate(decision.rate);
    }
  }

  readonly close: Cancel = () => {
    this.#controller.abort();
    this.#setRate(1);
  };

  #state(): LiveState | undefined {
    const { video, player, chunkMs, records, mediaUs, hostMs, sync } = this.#parts;
    const known = records();
    const first = known[0];
    const playheadUs = mediaUs();
    if (first === undefined || playheadUs === undefined || video.readyState === 0) return undefined;
    const behind = behindMs(known, playheadUs, hostMs()) ?? (player.latency?.seconds ?? 0) * 1000;
    return {
      behindMs: behind,
      targetMs: this.syncSeconds * 1000,
      chunkMs,
      aheadMs: aheadSeconds(video) * 1000,
      followsLive: this.#followsLive,
      isOutsideWindow: playheadUs < first.startUs - chunkMs * 1000 && aheadSeconds(video) === 0,
      mayWait: typeof sync !== 'number',
      rate: this.#rate,
    };
  }

  /** Takes note of what has happened since the last look. */
  #measure(): void {
    const { sync, records, hostMs, stalls, clock } = this.#parts;
    if (typeof sync === 'number') return;
    for (; this.#stalls < stalls(); this.#stalls++) sync.stalled(clock.nowMs());
    const newest = records().at(-1);
    if (newest === undefined || newest.index === this.#newest) return;
    // What was there before this viewer came says nothing of the way to it.
    if (this.#newest >= 0 && newest.onAirMs > 0) sync.announced(hostMs() - newest.onAirMs - newest.durationUs / 1000);
    this.#newest = newest.index;
  }

  #sought(): void {
    const { video, player, chunkMs, clock } = this.#parts;
    this.#seekingSinceMs = clock.nowMs();
    const isOwnStep = Math.abs(video.currentTime - this.#lastTime) < MIN_SEEK_S;
    const target = player.liveSyncPosition;
    if (isOwnStep || target === null) return;
    this.#followsLive = video.currentTime > target - (1.5 * chunkMs) / 1000;
  }

  /** Only ever replaces a rate this class has set: a person's own choice stays. */
  #setRate(rate: number): void {
    const { video } = this.#parts;
    if (rate === this.#rate) return;
    if (video.playbackRate === this.#rate) video.playbackRate = rate;
    this.#rate = rate;
  }
}
