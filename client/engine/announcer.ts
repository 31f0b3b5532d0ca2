/**
 * Tells neighbours what this peer holds: the whole buffer map once, then changes gathered for a moment, and the pieces
 * of chunks in progress to those who lack the chunk. Says nothing while this peer does not serve.
 */
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { Bitfield } from '#protocol/bitfield';
import { MAX_BUFFER_MAP_CHUNKS, MAX_HAVES_PER_MESSAGE } from '#protocol/limits';
import { NO_CHUNK } from '#protocol/messages';
import type { ChunkLibrary } from './chunk-library.ts';
import { chunkKey } from './keys.ts';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { Cancel, Clock } from './ports.ts';
import type { Settings } from './settings.ts';

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly library: ChunkLibrary;
  readonly neighbours: () => Iterable<Neighbour>;
  readonly streamsInUse: () => readonly StreamId[];
  readonly playhead: (stream: StreamId) => ChunkIndex | null;
}

interface Changes {
  readonly held: Set<ChunkIndex>;
  readonly dropped: Set<ChunkIndex>;
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #changes = new Map<StreamId, Changes>();
  readonly #inProgress = new Map<number, PendingChunk>();
  #timer: Cancel | null = null;
  #sentAtMs = -Infinity;
  isEnabled = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  onHeld(stream: StreamId, chunk: ChunkIndex): void {
    this.#inProgress.delete(chunkKey(stream, chunk));
    const changes = this.#of(stream);
    changes.dropped.delete(chunk);
    changes.held.add(chunk);
    this.#soon();
  }

  onDropped(stream: StreamId, chunk: ChunkIndex): void {
    const changes = this.#of(stream);
    if (!changes.held.delete(chunk)) changes.dropped.add(chunk);
    this.#soon();
  }

  onPiece(chunk: PendingChunk): void {
    this.#inProgress.set(chunkKey(chunk.stream, chunk.index), chunk);
    this.#soon();
  }

  onPlayhead(stream: StreamId): void {
    this.#of(stream);
    this.#soon();
  }

  /** The whole map of each stream, to one neighbour. */
  greet(neighbour: Neighbour): void {
    if (!this.isEnabled) return;
    // An empty map speaks too: of the playhead, and of having nothing yet.
    const byStream = new Map<StreamId, ChunkIndex[]>(this.#options.streamsInUse().map((stream) => [stream, []]));
    for (const { stream, index } of this.#options.library.held.values()) {
      const list = byStream.get(stream);
      if (list) list.push(index);
      else byStream.set(stream, [index]);
    }
    for (const [stream, held] of byStream) this.#sendMap(neighbour, stream, held);
    for (const pending of this.#options.library.pending.values()) this.#sendPieces(neighbour, pending);
  }

  /** Takes everything back: this peer serves no longer. */
  retract(neighbour: Neighbour): void {
    const streams = new Set([...this.#options.library.held.values()].map((held) => held.stream));
    for (const stream of streams) this.#sendMap(neighbour, stream, []);
  }

  close(): void {
    this.#timer?.();
    this.#timer = null;
    this.isEnabled = false;
  }

  #of(stream: StreamId): Changes {
    let changes = this.#changes.get(stream);
    if (!changes) this.#changes.set(stream, (changes = { held: new Set(), dropped: new Set() }));
    return changes;
  }

  /** The first change after a quiet time goes at once: that is what the next peer in line waits for. */
  #soon(): void {
    if (this.#timer || !this.isEnabled) return;
    const { clock, settings } = this.#options;
    const waitMs = this.#sentAtMs + settings.announceMs - clock.nowMs();
    if (waitMs <= 0) {
      this.#send();
      return;
    }
    this.#timer = clock.after(waitMs, () => {
      this.#timer = null;
      this.#send();
    });
  }

  #send(): void {
    this.#sentAtMs = this.#options.clock.nowMs();
    const active = [...this.#options.neighbours()].filter((neighbour) => neighbour.state === 'active');
    for (const [stream, { held, dropped }] of this.#changes) {
      const heldList = [...held];
      const droppedList = [...dropped];
      const messages = Math.max(1, Math.ceil(Math.max(heldList.length, droppedList.length) / MAX_HAVES_PER_MESSAGE));
      for (let part = 0; part < messages; part++) {
        const from = part * MAX_HAVES_PER_MESSAGE;
        const have = {
          name: 'have' as const,
          stream,
          playhead: this.#playhead(stream),
          held: heldList.slice(from, from + MAX_HAVES_PER_MESSAGE),
          dropped: droppedList.slice(from, from + MAX_HAVES_PER_MESSAGE),
        };
        for (const neighbour of active) neighbour.send(have);
      }
    }
    this.#changes.clear();
    for (const pending of this.#inProgress.values()) {
      if (pending.isComplete) continue;
      for (const neighbour of active) this.#sendPieces(neighbour, pending);
    }
    this.#inProgress.clear();
  }

  #sendPieces(neighbour: Neighbour, pending: PendingChunk): void {
    if (pending.verified.count === 0 || neighbour.streams.get(pending.stream)?.holds(pending.index)) return;
    neighbour.send({ name: 'havePieces', stream: pending.stream, chunk: pending.index, bits: pending.verified.copyBytes() });
  }

  #sendMap(neighbour: Neighbour, stream: StreamId, held: readonly ChunkIndex[]): void {
    const newest = Math.max(0, ...held);
    const offset = Math.max(Math.min(newest, ...held), newest - MAX_BUFFER_MAP_CHUNKS + 1) as ChunkIndex;
    const bits = new Bitfield(held.length === 0 ? 0 : newest - offset + 1);
    for (const index of held) bits.set(index - offset);
    neighbour.send({ name: 'bufferMap', stream, playhead: this.#playhead(stream), offset, length: bits.length, bits: bits.bytes });
  }

  #playhead(stream: StreamId): ChunkIndex {
    return this.#options.playhead(stream) ?? NO_CHUNK;
  }
}
