/**
 * The host's own peer without a screen: offers over WebRTC what the server beside it offers over HTTP. It has everything,
 * asks nobody for anything, and reads a chunk when somebody wants pieces of it.
 */
import wrtc from '@roamhq/wrtc';
import { ChunkShelf } from '#browser/hosting/chunk-shelf';
import { createPeerId, createRandom } from '#browser/random';
import { SimplePeerDialer } from '#browser/simple-peer-dialer';
import { SocketTracker } from '#browser/socket-tracker';
import { SystemClock, wallClockMs } from '#browser/system-clock';
import { createEngine } from '#engine/engine';
import type { Engine } from '#engine/engine-api';
import type { Cancel, Origin } from '#engine/ports';
import { defaultSettings } from '#engine/settings';
import type { ChannelDescription } from '#protocol/description';
import type { ChannelId, ChunkIndex, PeerId, StreamId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import { NodeHasher } from './node-hasher.ts';
import { ProcessGate } from './opening-gate.ts';

/** Viewers linked to it; the others have the pieces from these. */
const MAX_VIEWERS = 24;

export interface SeedingPeerOptions {
  readonly serverUrl: string;
  readonly channel: ChannelId;
  readonly description: ChannelDescription;
  /** The bytes of a chunk that was announced; rejects where they are gone. */
  readonly readChunk: (stream: StreamId, chunk: ChunkIndex) => Promise<Uint8Array>;
}

export class SeedingPeer {
  readonly id: PeerId = createPeerId();
  readonly #engine: Engine;
  readonly #tracker: SocketTracker;

  constructor({ serverUrl, channel, description, readChunk }: SeedingPeerOptions) {
    const clock = new SystemClock();
    const random = createRandom();
    const chance = random.fork('tracker');
    const later = (run: () => void): Cancel => clock.after(0, run);
    const origin: Origin = {
      fetchChunk: (_stream, _chunk, _first, _last, transfer) => later(() => transfer.onFailed('gone')),
      fetchRecords: (_stream, _first, _count, _done, failed) => later(() => failed('gone')),
    };
    this.#tracker = new SocketTracker({ serverUrl, clock, wallClockMs, chance: () => chance.next() });
    this.#engine = createEngine(
      {
        clock, wallClockMs, random: random.fork('engine'), hasher: new NodeHasher(), tracker: this.#tracker, origin, store: new ChunkShelf(readChunk),
        dialer: new SimplePeerDialer({ self: this.id, clock, wrtc, gate: new ProcessGate() }),
      },
      {
        channel, description, peer: this.id, mode: 'on', role: 'host',
        settings: { ...defaultSettings, maxNeighbours: MAX_VIEWERS, uploadSlots: MAX_VIEWERS, memoryBytes: Number.MAX_SAFE_INTEGER },
      },
    );
    this.#engine.start();
  }

  /** Announces a chunk that can be read. */
  hold(entry: LogEntry): void {
    this.#engine.hold(entry);
  }

  /** Media bytes it sent. */
  get bytesOut(): number {
    return this.#engine.snapshot().bytes.toPeers;
  }

  /** Says goodbye. Idempotent. */
  close(): void {
    this.#engine.close();
    this.#tracker.close();
  }
}
