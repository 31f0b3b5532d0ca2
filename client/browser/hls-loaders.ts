/**
 * hls.js's fragment and playlist loaders on the engine. Playlists are written here from verified records, media headers
 * come from the signed description, chunks from the engine as copies of their own: in steady state nothing that hls.js
 * loads reaches the seeder by itself.
 */
import type {
  FragmentLoaderContext, HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext, LoaderStats,
  PlaylistLoaderContext,
} from 'hls.js';
import type { Engine } from '#engine/engine-api';
import type { Cancel, Clock } from '#engine/ports';
import type { ChannelDescription, StreamDescription } from '#protocol/description';
import type { StreamId } from '#protocol/ids';
import type { ChunkRecord } from '#protocol/record';
import { vodPlaylistChunks, writeMasterPlaylist, writeMediaPlaylist } from '#protocol/playlist';
import { parseChannelUrl } from './channel-url.ts';
import { LoadStatistics } from './load-statistics.ts';
import type { MediaHeaders } from './media-headers.ts';

/**
 * How much before the next record is due hls.js is made to ask for the playlist: it then waits here for the record, and
 * learns of it at once instead of up to a chunk later.
 */
const ASK_EARLY_MS = 150;

/**
 * Records of a stream that is joined come one by one, oldest first, as their signatures are verified. The first playlist
 * waits until none has come for this long: hls.js places the viewer by the newest chunk it is shown.
 */
const SETTLE_MS = 12;

/** Pause between two looks at whether the player has become short of media. */
const LOOK_AGAIN_MS = 100;

export interface HlsLoaders {
  readonly fLoader: new (config: HlsConfig) => Loader<FragmentLoaderContext>;
  readonly pLoader: new (config: HlsConfig) => Loader<PlaylistLoaderContext>;
}

/** hls.js's own LoadStats is not exported as a value; this is the same shape, zeroed. */
function zeroStats(): LoaderStats {
  return {
    aborted: false, loaded: 0, retry: 0, total: 0, chunkCount: 0, bwEstimate: 0,
    loading: { start: 0, first: 0, end: 0 }, parsing: { start: 0, end: 0 }, buffering: { start: 0, first: 0, end: 0 },
  };
}

/** What both loaders share: one load at a time, ended exactly once. */
abstract class EngineLoader<T extends LoaderContext> implements Loader<T> {
  context: T | null = null;
  stats: LoaderStats = zeroStats();
  protected callbacks: LoaderCallbacks<T> | undefined;
  #cancels: Cancel[] = [];

  load(context: T, _config: LoaderConfiguration, callbacks: LoaderCallbacks<T>): void {
    this.context = context;
    this.callbacks = callbacks;
    this.stats.loading.start = performance.now();
    // hls.js expects an answer later than its question.
    queueMicrotask(() => {
      if (this.callbacks === callbacks) this.begin(context, callbacks);
    });
  }

  abort(): void {
    const { callbacks, context } = this;
    const wasLoading = this.#finish();
    if (!wasLoading || context === null) return;
    this.stats.aborted = true;
    callbacks?.onAbort?.(this.stats, context, null);
  }

  destroy(): void {
    this.#finish();
    this.context = null;
  }

  protected abstract begin(context: T, callbacks: LoaderCallbacks<T>): void;

  protected whenOver(cancel: Cancel): void {
    this.#cancels.push(cancel);
  }

  /**
   * @param loadMs how long the load is reported to have taken, up to now
   * @param ageMs how long ago its first byte is reported to have come
   */
  protected succeed(data: string | ArrayBuffer, length: number, loadMs: number, ageMs = loadMs): void {
    const { callbacks, context, stats } = this;
    if (!this.#finish() || callbacks === undefined || context === null) return;
    const now = performance.now();
    stats.loaded = stats.total = length;
    stats.loading.start = now - loadMs;
    // A chunk has no separate time to first byte: hls.js would take it for latency and hold it against the bitrate.
    stats.loading.first = now - ageMs;
    stats.loading.end = now;
    callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
  }

  protected fail(code: number, text: string): void {
    const { callbacks, context } = this;
    if (this.#finish() && context !== null) callbacks?.onError({ code, text }, context, null, this.stats);
  }

  #finish(): boolean {
    const wasLoading = this.callbacks !== undefined;
    this.callbacks = undefined;
    for (const cancel of this.#cancels.splice(0)) cancel();
    return wasLoading;
  }
}

export interface HlsLoadersParts {
  readonly engine: Pick<Engine, 'getChunk' | 'records' | 'onRecords'>;
  readonly description: ChannelDescription;
  readonly headers: Pick<MediaHeaders, 'stream' | 'bytes' | 'isKnown' | 'onLearned'>;
  readonly clock: Clock;
  /**
   * Whether the player is so short of media that it should have a chunk's beginning before its end is there; asked again
   * and again until it is, and only with hls.js's `progressive` on. Each part costs hls.js a copy of what it holds back.
   */
  readonly wantsParts: () => boolean;
  /** Whether the page's timers come too late to count on. */
  readonly isHidden: () => boolean;
  /** Called before a live playlist that ends with `newest` is handed to hls.js. */
  readonly beforeLive?: (newest: ChunkRecord) => void;
}

/** Loader classes for one hls.js instance. */
export function createHlsLoaders({ engine, description, headers, clock, wantsParts, isHidden, beforeLive }: HlsLoadersParts): HlsLoaders {
  const statistics = new LoadStatistics();
  const streams = new Map(description.streams.map((stream) => [stream.id as StreamId, stream]));
  /** Index of the newest chunk in the last playlist handed out, and when the engine had it, by stream. */
  const answered = new Map<StreamId, number>();
  const newestSince = new Map<StreamId, { readonly index: number; readonly sinceMs: number }>();

  /** What can be played: records up to the first whose media header is not known yet. */
  const playable = (stream: StreamId): readonly ChunkRecord[] => {
    const records = engine.records(stream);
    if (headers.isKnown(stream, records.at(-1)?.discontinuitySequence ?? 0)) return records;
    return records.filter(({ discontinuitySequence }) => headers.isKnown(stream, discontinuitySequence));
  };

  const noteNewest = (stream: StreamId): void => {
    const newest = playable(stream).at(-1)?.index;
    if (newest !== undefined && newestSince.get(stream)?.index !== newest) {
      newestSince.set(stream, { index: newest, sinceMs: performance.now() });
    }
  };

  class ChunkLoader extends EngineLoader<FragmentLoaderContext> {
    protected override begin(context: FragmentLoaderContext, callbacks: LoaderCallbacks<FragmentLoaderContext>): void {
      const part = parseChannelUrl(context.url);
      const stream = part === undefined || part.kind === 'master' ? undefined : streams.get(part.stream);
      if (part?.kind === 'init' && stream !== undefined) {
        const init = headers.bytes(part.stream, part.from)!;
        this.succeed(init.buffer, init.length, 1);
      } else if (part?.kind === 'chunk' && stream !== undefined) {
        const { onProgress } = callbacks;
        let handed = 0;
        const hand = (bytes: Uint8Array<ArrayBuffer>): void => {
          handed += bytes.length;
          onProgress?.(this.stats, context, bytes.buffer, null);
        };
        // Parts that came while the player had enough; it may run short of media before the next one comes.
        const kept: Uint8Array<ArrayBuffer>[] = [];
        let stopLooking: Cancel | undefined;
        const look = (): void => {
          stopLooking?.();
          if (handed > 0 || wantsParts()) for (const bytes of kept.splice(0)) hand(bytes);
          else stopLooking = clock.after(LOOK_AGAIN_MS, look);
        };
        this.whenOver(() => stopLooking?.());
        const cancel = engine.getChunk(part.stream, part.index, {
          ...(onProgress === undefined ? {} : {
            onPart: (bytes) => {
              kept.push(bytes);
              look();
            },
          }),
          onProgress: (verifiedBytes, totalBytes) => {
            // Figures only: what hls.js's rules for giving up a slow load look at. The bytes come at the end.
            const { stats } = this;
            if (stats.loading.first === 0) stats.loading.first = performance.now();
            stats.loaded = verifiedBytes;
            stats.total = totalBytes;
          },
          onDone: (chunk) => {
            if (onProgress !== undefined && handed < chunk.bytes.length) hand(handed === 0 ? chunk.bytes : chunk.bytes.slice(handed));
            this.succeed(chunk.bytes.buffer, chunk.bytes.length, statistics.loadMs(chunk));
          },
          onFailed: (reason) => this.fail(reason === 'gone' ? 410 : 503, reason),
        });
        // Already answered, or given up while asking: then there is nothing to cancel later.
        if (this.callbacks === callbacks) this.whenOver(cancel);
      } else {
        this.fail(404, 'not a chunk of this channel');
      }
    }
  }

  class PlaylistLoader extends EngineLoader<PlaylistLoaderContext> {
    protected override begin(context: PlaylistLoaderContext): void {
      const part = parseChannelUrl(context.url);
      if (part?.kind === 'master') {
        this.#answer(writeMasterPlaylist(description), this.stats.loading.start);
        return;
      }
      const stream = part?.kind === 'playlist' ? streams.get(part.stream) : undefined;
      if (part?.kind !== 'playlist' || stream === undefined) {
        this.fail(404, 'not a playlist of this channel');
        return;
      }
      if (description.kind === 'vod') {
        this.#answer(writeMediaPlaylist(stream, vodPlaylistChunks(stream), true), this.stats.loading.start);
      } else {
        this.#answerLive(part.stream, stream);
      }
    }

    /** Answers at once when there is something new, else when it comes; what is old only after half a chunk's time. */
    #answerLive(id: StreamId, stream: StreamDescription): void {
      const isFirst = !answered.has(id);
      let stopSettling: Cancel | undefined;
      const look = (): void => {
        noteNewest(id);
        const newest = playable(id).at(-1)?.index;
        if (newest === undefined || newest === answered.get(id)) return;
        if (!isFirst) {
          this.#answerFrom(id, stream);
          return;
        }
        stopSettling?.();
        stopSettling = clock.after(SETTLE_MS, () => this.#answerFrom(id, stream));
      };
      this.whenOver(() => stopSettling?.());
      this.whenOver(headers.onLearned(look));
      this.whenOver(engine.onRecords((changed) => {
        if (changed === id) look();
      }));
      if (!isFirst) this.whenOver(clock.after((stream.targetDurationSeconds * 1000) / 2, () => this.#answerFrom(id, stream)));
      look();
    }

    #answerFrom(id: StreamId, stream: StreamDescription): void {
      const records = playable(id);
      const newest = newestSince.get(id);
      const last = records.at(-1);
      if (last === undefined) return;
      answered.set(id, last.index);
      beforeLive?.(last);
      // hls.js asks again a target duration after `loading.start`: dated so, that falls just before the next record. Where
      // its timer would be late it has to be due already: hls.js then asks without one, and waits here for the record.
      const cameMs = newest === undefined ? this.stats.loading.start : newest.sinceMs - ASK_EARLY_MS;
      const startMs = isHidden() ? cameMs - stream.targetDurationSeconds * 1000 : cameMs;
      this.#answer(writeMediaPlaylist(headers.stream(id) ?? stream, records, false), startMs, cameMs);
    }

    #answer(text: string, startMs: number, cameMs = startMs): void {
      const nowMs = performance.now();
      this.succeed(text, text.length, nowMs - startMs, nowMs - cameMs);
    }
  }

  // Arrival times are noted even while hls.js has no question open.
  engine.onRecords(noteNewest);
  return { fLoader: ChunkLoader, pLoader: PlaylistLoader };
}
