/**
 * A viewer without a screen: asks the engine for one chunk after another and lets a playhead run over them in real time,
 * counting stalls as a person would see them. It decodes nothing; a chunk that is there counts as playable.
 */
import { liveSyncSeconds, liveTarget } from '#browser/live-target';
import type { Engine } from '#engine/engine-api';
import type { Cancel, Clock } from '#engine/ports';
import type { ChannelDescription, StreamDescription } from '#protocol/description';
import { chunkIndex, streamId, type ChunkIndex, type StreamId } from '#protocol/ids';

/** Media asked for ahead of the playhead, as browsers' players do (hls-config.ts). */
const AHEAD_US = 30e6;
const TICK_MS = 50;

export interface HeadlessFigures {
  /** Milliseconds from the start to the first playable chunk; null before it. */
  readonly startupMs: number | null;
  readonly stalls: number;
  readonly stalledMs: number;
  readonly watchedMs: number;
  /** Channel time, microseconds. */
  readonly playheadUs: number;
  readonly chunks: number;
  readonly hasEnded: boolean;
}

interface PlayedChunk {
  readonly startUs: number;
  readonly endUs: number;
}

export interface HeadlessViewerParts {
  readonly engine: Pick<Engine, 'getChunk' | 'records' | 'onRecords' | 'setPlayhead' | 'setStreams'>;
  readonly description: ChannelDescription;
  readonly clock: Clock;
  /** The host's wall clock, milliseconds since 1970, as well as it is known. */
  readonly hostMs: () => number;
  /** The virtual player reached the end of a VoD channel. */
  readonly onEnded: () => void;
}

export class HeadlessViewer {
  readonly #parts: HeadlessViewerParts;
  readonly #stream: StreamId;
  readonly #description: StreamDescription;
  readonly #isLive: boolean;
  readonly #startedMs: number;
  readonly #held = new Map<ChunkIndex, PlayedChunk>();
  readonly #asked = new Map<ChunkIndex, Cancel>();
  readonly #stopRecords: Cancel;
  #stopTick: Cancel | undefined;
  /** Newest chunk known at the last look, before playback began. */
  #edge: ChunkIndex | undefined;
  #next: ChunkIndex | undefined;
  #playheadUs: number | undefined;
  #lastMs: number;
  #startupMs: number | null = null;
  #isStalled = false;
  #stalls = 0;
  #stalledMs = 0;
  #watchedMs = 0;
  #chunks = 0;
  #hasEnded = false;

  constructor(parts: HeadlessViewerParts) {
    this.#parts = parts;
    const { description, engine, clock } = parts;
    const stream = description.streams.find(({ kind }) => kind === 'muxed' || kind === 'video') ?? description.streams[0]!;
    this.#description = stream;
    this.#stream = streamId(stream.id);
    this.#isLive = description.kind === 'live';
    this.#startedMs = this.#lastMs = clock.nowMs();
    engine.setStreams([this.#stream]);
    this.#stopRecords = engine.onRecords(() => {
      if (this.#next !== undefined) this.#look();
    });
    this.#tick();
  }

  figures(): HeadlessFigures {
    return {
      startupMs: this.#startupMs,
      stalls: this.#stalls,
      stalledMs: this.#stalledMs,
      watchedMs: this.#watchedMs,
      playheadUs: this.#playheadUs ?? 0,
      chunks: this.#chunks,
      hasEnded: this.#hasEnded,
    };
  }

  /** Idempotent. */
  close(): void {
    this.#stopTick?.();
    this.#stopRecords();
    for (const cancel of this.#asked.values()) cancel();
    this.#asked.clear();
  }

  #tick(): void {
    this.#look();
    if (!this.#hasEnded) this.#stopTick = this.#parts.clock.after(TICK_MS, () => this.#tick());
  }

  #look(): void {
    this.#begin();
    this.#advance();
    this.#ask();
  }

  /** Chooses where to start: VoD at the beginning, live behind the edge. */
  #begin(): void {
    if (this.#next !== undefined) return;
    if (!this.#isLive) {
      this.#next = chunkIndex(0);
      this.#playheadUs = 0;
      return;
    }
    const records = this.#parts.engine.records(this.#stream);
    const newest = records.at(-1);
    if (newest === undefined) return;
    // Records arrive one by one, oldest first: the edge is known once a tick has brought no newer one.
    if (newest.index !== this.#edge) {
      this.#edge = newest.index;
      return;
    }
    const { description, hostMs } = this.#parts;
    const behind = liveTarget(newest, liveSyncSeconds(description), this.#description.targetDurationSeconds, hostMs());
    const targetUs = newest.startUs + newest.durationUs - behind * 1e6;
    const first = records.find((record) => record.startUs + record.durationUs > targetUs) ?? newest;
    this.#next = first.index;
    this.#playheadUs = Math.max(first.startUs, targetUs);
  }

  #advance(): void {
    const nowMs = this.#parts.clock.nowMs();
    const elapsedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    let playheadUs = this.#playheadUs;
    if (playheadUs === undefined || this.#hasEnded) return;
    const edgeUs = this.#playableUntil(playheadUs);
    const isPlayable = edgeUs > playheadUs;
    if (this.#startupMs === null) {
      if (isPlayable) this.#startupMs = nowMs - this.#startedMs;
    } else if (isPlayable) {
      playheadUs = this.#playheadUs = Math.min(edgeUs, playheadUs + elapsedMs * 1000);
      this.#watchedMs += elapsedMs;
      this.#isStalled = false;
    } else if (!this.#isLive && playheadUs >= this.#endUs()) {
      this.#hasEnded = true;
      this.#parts.onEnded();
    } else {
      if (!this.#isStalled) this.#stalls++;
      this.#isStalled = true;
      this.#stalledMs += elapsedMs;
    }
    for (const [index, chunk] of this.#held) if (chunk.endUs <= playheadUs) this.#held.delete(index);
    this.#parts.engine.setPlayhead({ mediaUs: playheadUs, rate: this.#hasEnded ? 0 : 1, hasStarted: this.#startupMs !== null });
  }

  /** End of the media held without a gap from `fromUs` on; `fromUs` itself when it is not held. */
  #playableUntil(fromUs: number): number {
    let edgeUs = fromUs;
    for (const chunk of [...this.#held.values()].sort((a, b) => a.startUs - b.startUs)) {
      // A seam of rounding, not a gap.
      if (chunk.startUs <= edgeUs + 1000 && chunk.endUs > edgeUs) edgeUs = chunk.endUs;
    }
    return edgeUs;
  }

  #ask(): void {
    for (;;) {
      const index = this.#next;
      const place = index === undefined ? undefined : this.#place(index);
      if (index === undefined || place === undefined || place.startUs > (this.#playheadUs ?? 0) + AHEAD_US) return;
      this.#next = chunkIndex(index + 1);
      const cancel = this.#parts.engine.getChunk(this.#stream, index, {
        onDone: () => {
          this.#asked.delete(index);
          this.#held.set(index, place);
          this.#chunks++;
        },
        onFailed: () => {
          this.#asked.delete(index);
          if (this.#isLive) this.#skip(); // It left the live window: go on at the edge.
        },
      });
      this.#asked.set(index, cancel);
    }
  }

  #skip(): void {
    for (const cancel of this.#asked.values()) cancel();
    this.#asked.clear();
    this.#held.clear();
    this.#next = undefined;
  }

  #place(index: ChunkIndex): PlayedChunk | undefined {
    if (this.#isLive) {
      const records = this.#parts.engine.records(this.#stream);
      const record = records[index - (records[0]?.index ?? 0)];
      return record === undefined ? undefined : { startUs: record.startUs, endUs: record.startUs + record.durationUs };
    }
    const { durationsUs } = this.#description;
    const durationUs = durationsUs[index];
    if (durationUs === undefined) return undefined;
    let startUs = 0;
    for (let before = 0; before < index; before++) startUs += durationsUs[before]!;
    return { startUs, endUs: startUs + durationUs };
  }

  #endUs(): number {
    return this.#description.durationsUs.reduce((sum, durationUs) => sum + durationUs, 0) - 1000;
  }
}
