/** A key, a server and what a host does with both: the publishing client of client/publishing for a process. */
import { ChannelKey, SigningKey } from '#ingest/node/channel-key';
import { PublishClient } from '#publishing/publish-client';

export interface PublishTarget {
  readonly serverUrl: string;
  readonly seed: Uint8Array;
  nowMs(): number;
  after(ms: number, run: () => void): () => void;
}

export function publishClient({ serverUrl, seed, ...clock }: PublishTarget): PublishClient {
  const signer = new SigningKey(seed);
  return new PublishClient({
    serverUrl,
    channel: new ChannelKey(seed).id,
    signer,
    wallClockMs: () => clock.nowMs(),
    pause: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
  });
}
