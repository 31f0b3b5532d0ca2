/**
 * Somebody who watches: a playhead in virtual time that behaves like hls.js. It asks for one chunk after the other, up
 * to 30 s ahead, starts as soon as the first is there, stands still when one is missing at its moment, and goes on when
 * it comes. What it went through is the measure of everything else. One state machine, hence one file, longer than others.
 */
import type { Engine } from '#engine/engine-api';
import type { Cancel, Clock } from '#engine/ports';
import { FIRST_FRAGMENT_S, fragmentStartMs } from '#protocol/fragments';
import { chunkIndex, type ChunkIndex } from '#protocol/ids';
import type { ViewingStretch } from '#protocol/metrics';
import { MAIN_STREAM, type SyntheticChannel } from './synthetic-channel.ts';
import type { Stretch } from './trace.ts';

/** hls.js: maxBufferLength. */
const AHEAD_US = 30e6;
/** Pause between two `timeupdate` events. */
const TIMEUPDATE_MS = 250;
/** Buffered media below which parts are taken. */
const PARTS_FROM_US = 1.5e6;

export interface ViewerOptions {
  /** Live: chunks between the edge and the playhead at the start (hls.js: liveSyncDurationCount, 3). */
  readonly liveOffsetChunks: number;
  /** Live: media time to start at, `wait` while that is not known yet, null for `liveOffsetChunks` behind the edge. */
  readonly liveStart?: () => number | 'wait' | null;
  /** VoD: what it watches, one stretch after the other; null watches from the beginning to the end. */
  readonly stretches: readonly Stretch[] | null;
}

/** What one viewer went through; times in ms. */
export interface Viewing {
  /** From arrival to the first frame; null while it has not come. */
  startupMs: number | null;
  stalls: number;
  stalledMs: number;
  watchedMs: number;
  /** Chunks whose moment came after the start, and those of them that were there. */
  dueChunks: number;
  readyChunks: number;
  /** Live: how far behind the source, one sample a second. */
  readonly lagsMs: number[];
  hasFinished: boolean;
  /** From each jump to the next picture. */
  readonly seeksMs: number[];
  /** Stretches without a jump, with the buffering in each. */
  readonly stretches: ViewingStretch[];
}

export class ViewerModel {
  readonly viewing: Viewing = {
    startupMs: null,
    stalls: 0,
    stalledMs: 0,
    watchedMs: 0,
    dueChunks: 0,
    readyChunks: 0,
    lagsMs: [],
    hasFinished: false,
    seeksMs: [],
    stretches: [],
  };
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #channel: SyntheticChannel;
  readonly #options: ViewerOptions;
  readonly #onChunk: (chunk: ChunkIndex, bytes: Uint8Array) => void;
  readonly #onFinished: () => void;
  readonly #arrivedMs: number;
  #state: 'starting' | 'playing' | 'seeking' | 'stalled' | 'ended' | 'gone' = 'starting';
  /** Media time at `#sinceMs`; it runs from there while playing. */
  #mediaUs = 0;
  #sinceMs = 0;
  #bufferedEndUs = 0;
  #next: ChunkIndex | undefined;
  #firstChunk: ChunkIndex | undefined;
  /** Stretch being watched, when it began, and the buffering before it. */
  #stretch = 0;
  #stretchSinceMs: number;
  #bufferedBeforeMs = 0;
  #cancelJump: Cancel | undefined;
  #askedMs: number | null = null;
  #cancelAsk: Cancel | undefined;
  #cancelDue: Cancel | undefined;
  #cancelTick: Cancel | undefined;
  #cancelNews: Cancel | undefined;
  readonly #cancelRecords: Cancel;

  constructor(parts: {
    engine: Engine;
    clock: Clock;
    channel: SyntheticChannel;
    options: ViewerOptions;
    /** Every chunk that was handed to this viewer. */
    onChunk: (chunk: ChunkIndex, bytes: Uint8Array) => void;
    onFinished: () => void;
  }) {
    this.#engine = parts.engine;
    this.#clock = parts.clock;
    this.#channel = parts.channel;
    this.#options = parts.options;
    this.#onChunk = parts.onChunk;
    this.#onFinished = parts.onFinished;
    this.#arrivedMs = parts.clock.nowMs();
    this.#stretchSinceMs = this.#arrivedMs;
    const forgetRecords = this.#engine.onRecords(() => this.#onNews());
    this.#cancelRecords = () => {
      forgetRecords();
      this.#cancelNews?.();
    };
    this.#tick();
  }

  get playheadUs(): number {
    return this.#state === 'playing' ? this.#mediaUs + (this.#clock.nowMs() - this.#sinceMs) * 1000 : this.#mediaUs;
  }

  get isStalled(): boolean {
    return this.#state === 'stalled';
  }

  /** Since when the chunk asked for last is awaited, or null. */
  get askedMs(): number | null {
    return this.#askedMs;
  }

  /** Live: adds a lag sample, `wallMs` being the time of day. */
  sample(wallMs: number): void {
    if (this.#channel.options.kind === 'vod' || (this.#state !== 'playing' && this.#state !== 'stalled')) return;
    this.viewing.lagsMs.push(wallMs - this.#channel.options.firstOnAirMs - this.playheadUs / 1000);
  }

  /** Stops watching; the figures are final. Idempotent. */
  leave(): void {
    if (this.#state === 'gone') return;
    this.#account();
    if (!this.viewing.hasFinished) this.#closeStretch();
    this.#state = 'gone';
    this.#cancelJump?.();
    this.#askedMs = null;
    this.#cancelAsk?.();
    this.#cancelDue?.();
    this.#cancelTick?.();
    this.#cancelRecords();
  }

  /** A playlist is read after what is new has come, not in the middle of it. */
  #onNews(): void {
    if (this.#cancelNews) return;
    this.#cancelNews = this.#clock.after(0, () => {
      this.#cancelNews = undefined;
      this.#askNext();
    });
  }

  #tick(): void {
    this.#tell();
    this.#askNext();
    this.#cancelTick = this.#clock.after(TIMEUPDATE_MS, () => this.#tick());
  }

  #tell(): void {
    if (this.#next === undefined) return;
    const hasStarted = this.viewing.startupMs !== null;
    this.#engine.setPlayhead({ mediaUs: Math.round(this.playheadUs), rate: this.#state === 'ended' ? 0 : 1, hasStarted });
  }

  /** Where to start, once that is known. */
  #place(): boolean {
    if (this.#next !== undefined) return true;
    if (this.#channel.options.kind === 'vod') {
      this.#goTo(this.#options.stretches?.[0]?.startUs ?? 0);
      this.#planJump();
    } else {
      const newest = this.#engine.records(MAIN_STREAM).at(-1);
      const startUs = this.#options.liveStart?.() ?? null;
      if (!newest || startUs === 'wait') return false;
      const edgeUs = newest.startUs + newest.durationUs;
      this.#goTo(startUs ?? Math.max(0, edgeUs - this.#options.liveOffsetChunks * this.#channel.chunkUs));
    }
    this.#tell();
    return true;
  }

  #goTo(mediaUs: number): void {
    this.#mediaUs = mediaUs;
    this.#bufferedEndUs = mediaUs;
    this.#next = chunkIndex(Math.floor(mediaUs / this.#channel.chunkUs));
    this.#firstChunk = this.#next;
  }

  /** The stretch has a length by the clock, buffering included; after it comes a jump, after the last one the end. */
  #planJump(): void {
    const stretch = this.#options.stretches?.[this.#stretch];
    if (!stretch) return;
    this.#cancelJump = this.#clock.after(stretch.lengthMs, () => this.#jump());
  }

  #jump(): void {
    this.#account();
    this.#closeStretch();
    this.#cancelAsk?.();
    this.#cancelDue?.();
    this.#askedMs = null;
    const next = this.#options.stretches?.[++this.#stretch];
    if (!next) {
      this.#state = 'ended';
      this.viewing.hasFinished = true;
      this.#tell();
      this.#onFinished();
      return;
    }
    if (this.#state !== 'starting') this.#state = 'seeking';
    this.#sinceMs = this.#clock.nowMs();
    this.#goTo(next.startUs);
    this.#tell();
    this.#planJump();
    this.#askNext();
  }

  #closeStretch(): void {
    const nowMs = this.#clock.nowMs();
    const totalMs = nowMs - this.#arrivedMs;
    const bufferingMs = totalMs - this.viewing.watchedMs - this.#bufferedBeforeMs;
    this.viewing.stretches.push({ startMs: this.#stretchSinceMs, endMs: nowMs, bufferingMs });
    this.#stretchSinceMs = nowMs;
    this.#bufferedBeforeMs = totalMs - this.viewing.watchedMs;
  }

  #askNext(): void {
    if (this.#askedMs !== null || this.#state === 'gone' || this.#state === 'ended' || !this.#place()) return;
    if (this.#bufferedEndUs - this.playheadUs >= AHEAD_US || !this.#exists(this.#next!)) return;
    const chunk = this.#next!;
    const totalBytes = this.#engine.records(MAIN_STREAM).find((record) => record.index === chunk)?.bytes;
    let partBytes = 0;
    // A chunk's beginning matters only to a playhead that is nearly there; handing parts to everybody else costs time.
    const isNear = this.#bufferedEndUs - this.playheadUs < PARTS_FROM_US;
    this.#askedMs = this.#clock.nowMs();
    this.#cancelAsk = this.#engine.getChunk(MAIN_STREAM, chunk, {
      onlyLooks: true,
      ...(isNear && {
        onPart: (part) => {
          partBytes += part.length;
          if (totalBytes !== undefined) this.#appendPart(chunk, partBytes / totalBytes);
        },
      }),
      onDone: ({ bytes }) => {
        this.#onChunk(chunk, bytes);
        this.#append(chunk);
      },
      onFailed: (reason) => {
        this.#askedMs = null;
        // What has left the live window is jumped over, as hls.js does.
        if (reason === 'gone') this.#skip(chunk);
      },
    });
  }

  #exists(chunk: ChunkIndex): boolean {
    if (this.#channel.options.kind === 'vod') return chunk < this.#channel.options.chunks;
    const newest = this.#engine.records(MAIN_STREAM).at(-1);
    return newest !== undefined && chunk <= newest.index;
  }

  /** A chunk's beginning plays as far as it has come, in movie fragments. */
  #appendPart(chunk: ChunkIndex, share: number): void {
    const endUs = chunk * this.#channel.chunkUs + fragmentStartMs((share * this.#channel.chunkUs) / 1000) * 1000;
    if (endUs <= this.#bufferedEndUs) return;
    this.#bufferedEndUs = endUs;
    if (this.#state === 'playing') this.#awaitEnd();
    else if (endUs - this.#mediaUs >= FIRST_FRAGMENT_S * 1e6) this.#play(this.#state === 'starting');
  }

  #append(chunk: ChunkIndex): void {
    this.#askedMs = null;
    this.#next = chunkIndex(chunk + 1);
    this.#bufferedEndUs = (chunk + 1) * this.#channel.chunkUs;
    const isFirst = this.#state === 'starting';
    if (!isFirst && chunk !== this.#firstChunk && this.#state !== 'seeking') {
      this.viewing.dueChunks++;
      if (this.#state === 'playing') this.viewing.readyChunks++;
    }
    if (isFirst || this.#state === 'stalled' || this.#state === 'seeking') this.#play(isFirst);
    else if (this.#state === 'playing') this.#awaitEnd();
    this.#askNext();
  }

  #play(isFirst: boolean): void {
    const now = this.#clock.nowMs();
    if (isFirst) this.viewing.startupMs = now - this.#arrivedMs;
    else if (this.#state === 'seeking') this.viewing.seeksMs.push(now - this.#sinceMs);
    else this.viewing.stalledMs += now - this.#sinceMs;
    this.#sinceMs = now;
    this.#state = 'playing';
    this.#tell();
    this.#awaitEnd();
  }

  /** Comes back when the playhead reaches the end of what is buffered. */
  #awaitEnd(): void {
    this.#cancelDue?.();
    this.#cancelDue = this.#clock.after((this.#bufferedEndUs - this.playheadUs) / 1000, () => {
      this.#account();
      this.#mediaUs = this.#bufferedEndUs;
      const isOver = this.#channel.options.kind === 'vod' && this.#next! >= this.#channel.options.chunks;
      this.#state = isOver ? 'ended' : 'stalled';
      if (!isOver) this.viewing.stalls++;
      this.#tell();
      // Whoever jumps about stays until its time is up.
      if (!isOver || this.#options.stretches) return;
      this.viewing.hasFinished = true;
      this.#closeStretch();
      this.#onFinished();
    });
  }

  /** Closes the stretch that ends now. */
  #account(): void {
    const now = this.#clock.nowMs();
    if (this.#state === 'playing') {
      this.#mediaUs = this.playheadUs;
      this.viewing.watchedMs += now - this.#sinceMs;
    } else if (this.#state === 'stalled') this.viewing.stalledMs += now - this.#sinceMs;
    this.#sinceMs = now;
  }

  #skip(chunk: ChunkIndex): void {
    if (this.#channel.options.kind !== 'live') return;
    this.viewing.dueChunks++;
    const oldest = this.#engine.records(MAIN_STREAM)[0]?.index ?? chunk;
    this.#next = chunkIndex(Math.max(chunk + 1, oldest));
    this.#bufferedEndUs = this.#next * this.#channel.chunkUs;
    if (this.#state === 'stalled' || this.#state === 'starting') this.#mediaUs = this.#bufferedEndUs;
    this.#clock.after(0, () => this.#askNext());
  }
}
