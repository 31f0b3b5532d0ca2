/** What is forgotten: the past of a live stream with its window, and the least useful when memory is full. */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import type { ChunkLibrary } from './chunk-library.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { Neighbour } from './neighbour.ts';
import { evictChunks } from './policy/evict-chunks.ts';
import type { Settings } from './settings.ts';

export interface RetentionOptions {
  readonly settings: Settings;
  readonly library: ChunkLibrary;
  readonly log: LogKeeper;
  readonly neighbours: () => Iterable<Neighbour>;
  readonly playhead: (stream: StreamId) => ChunkIndex | null;
  readonly onDropped: (stream: StreamId, chunk: ChunkIndex) => void;
  /** A chunk left the live window: whoever waits for it waits in vain. */
  readonly onPast: (stream: StreamId, chunk: ChunkIndex) => void;
}

/** Records of a live stream kept behind its window. */
const SPARE_RECORDS = 8;
/** Share of the memory that stays in use, so that not every new chunk asks for room. */
const AFTER_ROOM = 0.9;

export class Retention {
  readonly #options: RetentionOptions;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Live: what lies before `oldest` is over. */
  forgetBefore(stream: StreamId, oldest: number): void {
    const { library, log, onDropped, onPast } = this.#options;
    log.get(stream)?.forgetBefore((oldest - SPARE_RECORDS) as ChunkIndex);
    for (const chunk of [...library.held.values(), ...library.pending.values()]) {
      if (chunk.stream !== stream || chunk.index >= oldest) continue;
      library.forget(stream, chunk.index);
      onDropped(stream, chunk.index);
      onPast(stream, chunk.index);
    }
  }

  makeRoom(streamsInUse: readonly StreamId[]): void {
    const { library, settings, neighbours, playhead, onDropped } = this.#options;
    if (library.bytes <= settings.memoryBytes) return;
    const candidates = [...library.held.values()].map((held) => ({
      stream: held.stream,
      index: held.index,
      bytes: held.record.bytes,
      isStreamInUse: streamsInUse.includes(held.stream),
      ahead: held.index - (playhead(held.stream) ?? 0),
      copies: [...neighbours()].filter((neighbour) => neighbour.streams.get(held.stream)?.holds(held.index)).length,
    }));
    for (const { stream, index } of evictChunks(candidates, settings.memoryBytes * AFTER_ROOM)) {
      library.forget(stream, index);
      onDropped(stream, index);
    }
  }
}
