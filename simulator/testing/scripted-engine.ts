/**
 * An engine that delivers exactly what and when a test says, for the viewer that sits in front of it.
 */
import type { ChunkListener, Engine } from '#engine/engine-api';
import type { ChunkIndex } from '#protocol/ids';
import type { ChunkRecord } from '#protocol/record';
import type { SyntheticChannel } from '../synthetic-channel.ts';

export class ScriptedEngine {
  /** Chunks asked for, in order. */
  readonly asked: ChunkIndex[] = [];
  readonly playheads: { mediaUs: number; rate: number; hasStarted: boolean }[] = [];
  known: ChunkRecord[] = [];
  readonly #channel: SyntheticChannel;
  readonly #waiting = new Map<ChunkIndex, ChunkListener>();
  readonly #listeners = new Set<() => void>();

  constructor(channel: SyntheticChannel) {
    this.#channel = channel;
  }

  get waiting(): readonly ChunkIndex[] {
    return [...this.#waiting.keys()];
  }

  deliver(): void {
    for (const [chunk, listener] of [...this.#waiting]) {
      this.#waiting.delete(chunk);
      listener.onDone({ bytes: this.#channel.bytes(chunk).slice(), fromPeers: 0, fromSeeder: 0, fetchMs: 0 });
    }
  }

  fail(reason: 'gone' | 'closed'): void {
    for (const [chunk, listener] of [...this.#waiting]) {
      this.#waiting.delete(chunk);
      listener.onFailed(reason);
    }
  }

  learn(chunk: ChunkIndex): void {
    this.known.push(this.#channel.entry(chunk).signed.record);
    for (const listener of [...this.#listeners]) listener();
  }

  get listening(): number {
    return this.#listeners.size;
  }

  asEngine(): Engine {
    return {
      offerEntries: () => undefined,
    hold: () => undefined,
      start: () => undefined,
      setMode: () => undefined,
      setPlayhead: (playhead) => this.playheads.push(playhead),
      supplyMs: 0,
    setStreams: () => undefined,
      getChunk: (_stream, chunk, listener) => {
        this.asked.push(chunk);
        this.#waiting.set(chunk, listener);
        return () => this.#waiting.delete(chunk);
      },
      records: () => this.known,
      onRecords: (listener) => {
        const told = (): void => listener(this.#channel.description.streams[0]!.id as never);
        this.#listeners.add(told);
        return () => this.#listeners.delete(told);
      },
      snapshot: () => {
        throw new Error('nobody asks this engine for a snapshot');
      },
      report: () => undefined,
      close: () => undefined,
    };
  }
}
