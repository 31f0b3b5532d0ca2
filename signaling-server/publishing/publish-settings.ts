/** Bounds of publishing, each with unit and reason. Tests tighten them; operators of larger servers may raise them. */
import type { Rate } from '../sockets/socket-settings.ts';

export interface PublishSettings {
  /** Channels of hosts elsewhere this server keeps; each costs memory for its log. */
  readonly maxChannels: number;
  /** Bytes of chunks one channel may have on disk: some twenty hours at 1.1 Mbit/s, a long film in good quality. */
  readonly maxChannelBytes: number;
  /** Bytes of chunks of all of them together. */
  readonly maxTotalBytes: number;
  /** Bodies that are being received at the same time, bytes; more are told to come again in a second. */
  readonly maxBodyBytesInFlight: number;
  /** Time for one body to arrive, ms: the largest chunk at 1 Mbit/s. */
  readonly bodyTimeoutMs: number;
  /** Requests of one channel: a chunk, its entry and a sign of life a second, and an upload at full speed. */
  readonly requestRate: Rate;
  /** New channels from one address: a person tries a few times, a script does not stop. */
  readonly newChannelRatePerAddress: Rate;
  /** Live chunks kept behind the window of the description: who has just read the playlist still gets what stood in it. */
  readonly extraLiveChunks: number;
  /** How long a reader of a chunk that is announced waits for its upload, ms: a live head is told before it is here. */
  readonly uploadWaitMs: number;
}

const GIB = 2 ** 30;

export const DEFAULT_PUBLISH_SETTINGS: PublishSettings = {
  maxChannels: 1_000,
  maxChannelBytes: 10 * GIB,
  maxTotalBytes: 50 * GIB,
  maxBodyBytesInFlight: 256 * 2 ** 20,
  bodyTimeoutMs: 270_000,
  requestRate: { burst: 400, perSecond: 100 },
  newChannelRatePerAddress: { burst: 20, perSecond: 0.05 },
  extraLiveChunks: 4,
  uploadWaitMs: 3_000,
};
