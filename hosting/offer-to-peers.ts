/**
 * Makes the server of a host a peer as well: what it has on the air is offered over WebRTC, by a peer that viewers know.
 * A film is announced whole, a live channel chunk by chunk as its log grows.
 */
import type { ChannelId, PeerId } from '#protocol/ids';
import type { ServedChannel } from '#server/seeder/served-channel';
import type { ChannelFigures, RunningServer } from '#server/server';

export interface PeerOffer {
  readonly peer: PeerId;
  /** Media bytes sent to viewers over WebRTC. */
  readonly bytesOut: number;
  close(): void;
}

/**
 * Loads the native part of WebRTC, which the first picture need not wait for. Undefined where this machine has none: the
 * seeder serves everybody all the same.
 * @param id a channel that the server has. @param onTrouble gets one sentence for the host
 */
export async function offerToPeers(server: RunningServer, id: ChannelId, onTrouble: (sentence: string) => void): Promise<PeerOffer | undefined> {
  const loaded = await import('#node/seeding-peer').catch((error: unknown) => onTrouble(`This machine has no WebRTC, so the command is no peer itself; viewers have the seeder and each other. (${String(error)})`));
  if (!loaded) return undefined;
  const channel = server.channel(id)!;
  const peer = new loaded.SeedingPeer({
    serverUrl: server.url, channel: id, description: channel.description,
    async readChunk(stream, chunk) {
      const bytes = await channel.readChunk(stream, chunk);
      if (!bytes) throw new Error(`chunk ${chunk} is gone`);
      return bytes;
    },
  });
  const unfollow = server.followHeads(id, (entry) => peer.hold(entry));
  for (const entry of entriesOf(channel)) peer.hold(entry);
  return {
    peer: peer.id,
    get bytesOut() {
      return peer.bytesOut;
    },
    close() {
      unfollow();
      peer.close();
    },
  };
}

function* entriesOf(channel: ServedChannel): Generator<NonNullable<ReturnType<ServedChannel['entry']>>> {
  for (const { id } of channel.description.streams) {
    const { first, newest } = channel.available(id)!;
    for (let index = first; index <= newest; index++) {
      const entry = channel.entry(id, index);
      if (entry) yield entry;
    }
  }
}

/** What the host's own peer sent is sent. That it is no viewer, and its bytes are no viewer's merit, the tracker knows. */
export const withOffer = (figures: ChannelFigures, offer: Pick<PeerOffer, 'bytesOut'> | undefined): ChannelFigures => ({ ...figures, bytesOut: figures.bytesOut + (offer?.bytesOut ?? 0) });
