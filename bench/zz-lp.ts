/** Runs inside both pages of link-goodput.ts: one end of a link, and one end of a raw data channel to compare with. */
import type { PeerLink } from '#engine/ports';
import { createPeerId } from '#browser/random';
import { SimplePeerDialer } from '#browser/simple-peer-dialer';
import { SystemClock } from '#browser/system-clock';
import type { PeerId } from '#protocol/ids';

type Kind = 'link' | 'raw';

export interface LinkPage {
  /** This page's peer id. */
  readonly self: string;
  /** Whom `dial` calls. */
  meet(other: string): void;
  /** A signal from the other page. */
  take(kind: string, text: string): Promise<void>;
  /** Opens a new link; milliseconds from dial() to onLink. */
  dial(): Promise<number>;
  openRaw(): Promise<void>;
  /** Sends that many bytes in messages of 16 KiB. */
  send(kind: Kind, bytes: number): Promise<void>;
  /** Waits for that many bytes; milliseconds from the first message to the last. */
  receive(kind: Kind, bytes: number): Promise<number>;
}

declare global {
  // Put there by link-goodput.ts.
  function carrySignal(kind: string, text: string): Promise<void>;
}

const MESSAGE_BYTES = 16 * 1024;
/** As in the fact sheet's raw measurement: 1 MiB of queue. */
const RAW_HIGH_BYTES = 1024 * 1024;

const self = createPeerId();
const createDialer = (): SimplePeerDialer => new SimplePeerDialer({ self, clock: new SystemClock() });
const dialer = createDialer();
let other: PeerId | undefined;
let link: PeerLink | undefined;
let linked: (() => void) | undefined;
let raw: { readonly connection: RTCPeerConnection; channel: RTCDataChannel | undefined } | undefined;
const received: Record<Kind, (bytes: number) => void> = { link: () => undefined, raw: () => undefined };

dialer.listen({
  accepts: () => true,
  onLink: (opened) => {
    link = opened;
    opened.onMessage((bytes) => received.link(bytes.length));
    linked?.();
  },
  onFailed: () => console.error('dial failed'),
  onSignal: (_to, text) => void carrySignal('link', JSON.stringify({ from: self, text })),
});

function createRaw(): NonNullable<typeof raw> {
  raw?.connection.close();
  const connection = new RTCPeerConnection();
  const created = { connection, channel: undefined as RTCDataChannel | undefined };
  connection.onicecandidate = ({ candidate }) => void carrySignal('raw', JSON.stringify({ candidate }));
  connection.ondatachannel = ({ channel }) => watchRaw(created, channel);
  raw = created;
  return created;
}

function watchRaw(owner: NonNullable<typeof raw>, channel: RTCDataChannel): void {
  owner.channel = channel;
  channel.binaryType = 'arraybuffer';
  channel.onmessage = ({ data }) => received.raw((data as ArrayBuffer).byteLength);
}

async function takeRaw(text: string): Promise<void> {
  const { description, candidate } = JSON.parse(text) as { description?: RTCSessionDescriptionInit; candidate?: RTCIceCandidateInit | null };
  if (description?.type === 'offer') {
    const { connection } = createRaw();
    await connection.setRemoteDescription(description);
    await connection.setLocalDescription();
    await carrySignal('raw', JSON.stringify({ description: connection.localDescription }));
  } else if (description !== undefined) {
    await raw?.connection.setRemoteDescription(description);
  } else if (candidate) {
    await raw?.connection.addIceCandidate(candidate);
  }
}

globalThis.linkPage = {
  self,
  meet: (peer) => (other = peer as PeerId),
  take: async (kind, text) => {
    if (kind === 'raw') {
      await takeRaw(text);
      return;
    }
    const { from, text: signal } = JSON.parse(text) as { from: PeerId; text: string };
    dialer.signal(from, signal);
  },
  dial: async () => {
    link?.close();
    const startedMs = performance.now();
    await new Promise<void>((resolve) => {
      linked = resolve;
      dialer.dial(other!);
    });
    return performance.now() - startedMs;
  },
  openRaw: async () => {
    const created = createRaw();
    const channel = created.connection.createDataChannel('raw');
    watchRaw(created, channel);
    await created.connection.setLocalDescription();
    void carrySignal('raw', JSON.stringify({ description: created.connection.localDescription }));
    await new Promise<void>((resolve) => (channel.onopen = () => resolve()));
  },
  send: async (kind, bytes) => {
    for (let sent = 0; sent < bytes; sent += MESSAGE_BYTES) {
      // A buffer of its own for each message, as in use: a link owns what it is given.
      const message = new Uint8Array(MESSAGE_BYTES);
      if (kind === 'link') {
        const current = link!;
        current.send(message);
        if (current.isCongested) await new Promise<void>((resolve) => current.onDrained(resolve));
      } else {
        const channel = raw!.channel!;
        channel.send(message);
        if (channel.bufferedAmount > RAW_HIGH_BYTES) {
          channel.bufferedAmountLowThreshold = RAW_HIGH_BYTES / 4;
          await new Promise<void>((resolve) => (channel.onbufferedamountlow = () => resolve()));
        }
      }
    }
  },
  receive: (kind, bytes) =>
    new Promise<number>((resolve) => {
      let left = bytes;
      let startedMs: number | undefined;
      received[kind] = (length) => {
        startedMs ??= performance.now();
        left -= length;
        if (left <= 0) resolve(performance.now() - startedMs);
      };
    }),
};
