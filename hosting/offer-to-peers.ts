/** Makes the server of a host a peer as well: what it has on the air is offered over WebRTC, by a peer that viewers know. */
import type { ChannelId } from '#protocol/ids';
import type { ServedChannel } from '#server/seeder/served-channel';
import type { RunningServer } from '#server/server';

export interface PeerOffer {
  /** Media bytes sent to viewers over WebRTC. */
  readonly bytesOut: number;
  close(): void;
}

/** @param id a channel of the server's own, on demand. Loads the native part of WebRTC, which the first picture need not wait for. */
export async function offerToPeers(server: RunningServer, id: ChannelId): Promise<PeerOffer> {
  const channel = server.channel(id)!;
  const { SeedingPeer } = await import('#node/seeding-peer');
  const peer = new SeedingPeer({
    serverUrl: server.url, channel: id, description: channel.description,
    async readChunk(stream, chunk) {
      const bytes = await channel.readChunk(stream, chunk);
      if (!bytes) throw new Error(`chunk ${chunk} is gone`);
      return bytes;
    },
  });
  for (const entry of entriesOf(channel)) peer.hold(entry);
  server.nameHost(id, peer.id);
  return {
    get bytesOut() {
      return peer.bytesOut;
    },
    close: () => peer.close(),
  };
}

function* entriesOf(channel: ServedChannel): Generator<NonNullable<ReturnType<ServedChannel['entry']>>> {
  for (const { id } of channel.description.streams) {
    const { first, newest } = channel.available(id)!;
    for (let index = first; index <= newest; index++) yield channel.entry(id, index)!;
  }
}
