/**
 * The host's own peer without a screen: offers over WebRTC what the server beside it offers over HTTP, and reads a chunk
 * when somebody wants pieces of it.
 */
import wrtc from '@roamhq/wrtc';
import { ChunkShelf } from '#browser/hosting/chunk-shelf';
import { HostPeer } from '#browser/hosting/host-peer';
import { SimplePeerDialer } from '#browser/simple-peer-dialer';
import { SystemClock } from '#browser/system-clock';
import type { ChannelDescription } from '#protocol/description';
import type { ChannelId, ChunkIndex, StreamId } from '#protocol/ids';
import { NodeHasher } from './node-hasher.ts';
import { ProcessGate } from './opening-gate.ts';

export interface SeedingPeerOptions {
  readonly serverUrl: string;
  readonly channel: ChannelId;
  readonly description: ChannelDescription;
  /** The bytes of a chunk that was announced; rejects where they are gone. */
  readonly readChunk: (stream: StreamId, chunk: ChunkIndex) => Promise<Uint8Array>;
}

export class SeedingPeer extends HostPeer {
  constructor({ serverUrl, channel, description, readChunk }: SeedingPeerOptions) {
    const clock = new SystemClock();
    super({
      serverUrl, channel, description, clock, store: new ChunkShelf(readChunk), hasher: new NodeHasher(),
      dialer: (self) => new SimplePeerDialer({ self, clock, wrtc, gate: new ProcessGate() }),
    });
  }

  /** Media bytes it sent. */
  get bytesOut(): number {
    return this.snapshot().bytes.toPeers;
  }
}
