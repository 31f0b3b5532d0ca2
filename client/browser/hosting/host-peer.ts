/**
 * The host's own peer in its channel's swarm, in a page or beside a server: an engine that has everything, takes nothing
 * and serves whoever asks. It reports what it sent, so that the tracker can tell it from what viewers carried.
 */
import { createEngine } from '#engine/engine';
import type { Engine } from '#engine/engine-api';
import type { Cancel, ChunkStore, Clock, Dialer, Hasher, Origin } from '#engine/ports';
import { defaultSettings } from '#engine/settings';
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import type { ChannelDescription } from '#protocol/description';
import type { ChannelId, PeerId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import { createPeerId, createRandom } from '../random.ts';
import { SocketTracker } from '../socket-tracker.ts';
import '../zod-in-pages.ts';
import { wallClockMs } from '../system-clock.ts';

/** Viewers linked to the host itself; more of them get everything from each other. */
const MAX_VIEWERS = 24;

/** A host asks nobody for anything. */
const NO_ORIGIN: Origin = {
  fetchChunk: (_stream, _chunk, _first, _last, transfer) => later(() => transfer.onFailed('gone')),
  fetchRecords: (_stream, _first, _count, _done, failed) => later(() => failed('gone')),
};

function later(run: () => void): () => void {
  let isCancelled = false;
  queueMicrotask(() => {
    if (!isCancelled) run();
  });
  return () => (isCancelled = true);
}

export interface HostPeerParts {
  readonly serverUrl: string;
  readonly channel: ChannelId;
  readonly description: ChannelDescription;
  readonly store: ChunkStore;
  readonly clock: Clock;
  readonly hasher: Hasher;
  /** Makes the links of the peer with that id. */
  readonly dialer: (self: PeerId) => Dialer;
}

export class HostPeer {
  readonly id: PeerId = createPeerId();
  readonly #engine: Engine;
  readonly #tracker: SocketTracker;
  readonly #clock: Clock;
  #stopReports: Cancel | undefined;

  constructor({ serverUrl, channel, description, store, clock, hasher, dialer }: HostPeerParts) {
    this.#clock = clock;
    const random = createRandom();
    const chance = random.fork('tracker');
    this.#tracker = new SocketTracker({ serverUrl, clock, wallClockMs, chance: () => chance.next() });
    this.#engine = createEngine(
      {
        clock, wallClockMs, random: random.fork('engine'), hasher,
        dialer: dialer(this.id), tracker: this.#tracker, origin: NO_ORIGIN, store,
      },
      {
        channel, description, peer: this.id, mode: 'on', role: 'host',
        // What it holds is a file or a live window: bounded there, and not forgotten because it is much.
        settings: { ...defaultSettings, maxNeighbours: MAX_VIEWERS, uploadSlots: MAX_VIEWERS, memoryBytes: Number.MAX_SAFE_INTEGER },
      },
    );
    this.#engine.start();
    this.#reportLater();
  }

  /** The tracker's wall clock minus this page's, ms; null before the tracker has answered. */
  get clockOffsetMs(): number | null {
    return this.#tracker.clockOffsetMs;
  }

  /** Announces a chunk that the store has or can make. */
  hold(entry: LogEntry): void {
    this.#engine.hold(entry);
  }

  snapshot(): ViewerSnapshot {
    return this.#engine.snapshot();
  }

  /** The network is back: no need to wait for the next attempt. */
  reconnectNow(): void {
    this.#tracker.reconnectNow();
  }

  /** Says goodbye. Idempotent. */
  close(): void {
    this.#stopReports?.();
    this.#engine.close();
    this.#tracker.close();
  }

  #reportLater(): void {
    this.#stopReports = this.#clock.after(defaultSettings.reportMs, () => {
      this.#engine.report({ stalls: 0, stalledMs: 0, startupMs: 0, watchedMs: 0 });
      this.#reportLater();
    });
  }
}
