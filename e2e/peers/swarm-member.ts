/**
 * A peer without an engine: joins a swarm through the real tracker, connects over real data channels, greets and answers
 * pings, and leaves everything else to the behaviour it is given. It keeps no rule of the protocol by itself.
 */
import wrtc from '@roamhq/wrtc';
import { SimplePeerDialer } from '#browser/simple-peer-dialer';
import { SocketTracker } from '#browser/socket-tracker';
import { SystemClock, wallClockMs } from '#browser/system-clock';
import { createPeerId } from '#browser/random';
import type { PeerLink } from '#engine/ports';
import { PIECE_BYTES } from '#protocol/limits';
import { decode, encode, FEATURE, LOWEST_PROTOCOL_VERSION, PROTOCOL_VERSION, type Message } from '#protocol/messages';
import type { ChannelId, PeerId } from '#protocol/ids';

/** One conversation with another peer. */
export interface Talk {
  readonly remote: PeerId;
  send(message: Message): void;
  sendBytes(bytes: Uint8Array): void;
}

export interface Behaviour {
  /** The other side has greeted. */
  onGreeted?(talk: Talk): void;
  /** Anything else it says. */
  onMessage?(talk: Talk, message: Message): void;
}

/** One JSON line for the test that started this. */
export function say(event: string, facts: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

/** Peers of this process: they have nothing to say to each other. */
const ours = new Set<PeerId>();

function decodeOrNothing(bytes: Uint8Array): Message | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined; // Another test's hostile peer.
  }
}

export function joinSwarm(serverUrl: string, channel: ChannelId, behaviour: Behaviour): void {
  const clock = new SystemClock();
  const self = createPeerId();
  ours.add(self);
  const tracker = new SocketTracker({ serverUrl, clock, wallClockMs, chance: Math.random });
  const dialer = new SimplePeerDialer({ self, clock, wrtc });
  let ticket: Uint8Array = new Uint8Array(0);

  const converse = (link: PeerLink): void => {
    const talk: Talk = {
      remote: link.remote,
      send: (message) => link.send(encode(message)),
      sendBytes: (bytes) => link.send(bytes),
    };
    say('link', { peer: link.remote });
    link.onEnd((end) => say('ended', { peer: link.remote, end }));
    link.onMessage((bytes) => {
      const message = decodeOrNothing(bytes);
      if (message === undefined) return;
      if (message.name === 'ping') talk.send({ name: 'pong', nonce: message.nonce });
      else if (message.name === 'goodbye') say('goodbye', { peer: link.remote, reason: message.reason });
      else if (message.name === 'hello') behaviour.onGreeted?.(talk);
      else behaviour.onMessage?.(talk, message);
    });
    talk.send({
      name: 'hello', version: PROTOCOL_VERSION, lowestVersion: LOWEST_PROTOCOL_VERSION, channel, peer: self,
      pieceBytes: PIECE_BYTES, features: FEATURE.uploads, ticket,
    });
  };

  dialer.listen({
    accepts: (from) => !ours.has(from),
    onLink: converse,
    onFailed: (peer) => say('unreached', { peer }),
    onSignal: (to, signal) => tracker.signal(to, signal),
  });
  tracker.join(channel, self, () => ({ mediaMs: -1, uploads: true, links: 0, maxLinks: 100 }), {
    onJoined(joined) {
      ticket = joined.ticket;
      dialer.setIceServers(joined.iceServers);
      say('joined', { peer: self, swarmSize: joined.swarmSize });
      for (const { peer } of joined.candidates) if (!ours.has(peer)) dialer.dial(peer);
    },
    onSignal: (from, signal) => dialer.signal(from, signal),
    onHead: () => undefined,
    onLost: () => say('trackerLost'),
    onRefused: (reason) => say('refused', { reason }),
  });
}
