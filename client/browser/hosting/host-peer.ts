/** The host's own peer in its channel's swarm: an engine that has everything, takes nothing and serves whoever asks. */
import { createEngine } from '#engine/engine';
import type { Engine } from '#engine/engine-api';
import type { ChunkStore, Clock, Origin } from '#engine/ports';
import { defaultSettings } from '#engine/settings';
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import type { ChannelDescription } from '#protocol/description';
import type { ChannelId, PeerId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import { createPeerId, createRandom } from '../random.ts';
import { SimplePeerDialer } from '../simple-peer-dialer.ts';
import { SocketTracker } from '../socket-tracker.ts';
import { wallClockMs } from '../system-clock.ts';
import { WebHasher } from '../web-hasher.ts';

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
}

export class HostPeer {
  readonly id: PeerId = createPeerId();
  readonly #engine: Engine;
  readonly #tracker: SocketTracker;

  constructor({ serverUrl, channel, description, store, clock }: HostPeerParts) {
    const random = createRandom();
    const chance = random.fork('tracker');
    this.#tracker = new SocketTracker({ serverUrl, clock, wallClockMs, chance: () => chance.next() });
    this.#engine = createEngine(
      {
        clock, wallClockMs, random: random.fork('engine'), hasher: new WebHasher(),
        dialer: new SimplePeerDialer({ self: this.id, clock }), tracker: this.#tracker, origin: NO_ORIGIN, store,
      },
      {
        channel, description, peer: this.id, mode: 'on', role: 'host',
        // What it holds is a file or a live window: bounded there, and not forgotten because it is much.
        settings: { ...defaultSettings, maxNeighbours: MAX_VIEWERS, uploadSlots: MAX_VIEWERS, memoryBytes: Number.MAX_SAFE_INTEGER },
      },
    );
    this.#engine.start();
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
    this.#engine.close();
    this.#tracker.close();
  }
}
