/** Where things are on a Tributary server, in one place for seeder, clients and tests. Paths start at the server's root. */
import type { ChannelId, ChunkIndex, StreamId } from './ids.ts';
import type { Hosted } from './hosted.ts';

export const paths = {
  channels: '/api/channels',
  watch: (channel: ChannelId) => `/watch/${channel}`,
  description: (channel: ChannelId) => `/channels/${channel}/description`,
  master: (channel: ChannelId) => `/channels/${channel}/master.m3u8`,
  playlist: (channel: ChannelId, stream: StreamId) => `/channels/${channel}/${stream}/playlist.m3u8`,
  init: (channel: ChannelId, stream: StreamId) => `/channels/${channel}/${stream}/init.mp4`,
  /** Log entries (record.ts), at most MAX_RECORDS_PER_MESSAGE. Live without `first`: the newest `count`. */
  records: (channel: ChannelId, stream: StreamId, first: ChunkIndex | 'newest', count: number) =>
    `/channels/${channel}/${stream}/records?first=${first}&count=${count}`,
  chunk: (channel: ChannelId, stream: StreamId, index: ChunkIndex, extension: string) =>
    `/channels/${channel}/${stream}/${index}.${extension}`,
  /** A picture that the channel's description names. */
  picture: (channel: ChannelId, hash: string) => `/channels/${channel}/picture/${hash}`,
  /** Pictures for the seek bar (pictures.ts). */
  thumbnailTrack: (channel: ChannelId) => `/channels/${channel}/thumbnails.vtt`,
} as const;

/** `id` attribute of the JSON script element in which the server hands a watch page its `WatchBoot`. */
export const BOOT_ELEMENT_ID = 'tributary-boot';

/**
 * What the server writes into a watch page so that the first chunk can be asked for at once. Untrusted like anything
 * else the server says: the viewer checks signatures all the same.
 */
export interface WatchBoot {
  /** A SignedDescription. */
  readonly description: unknown;
  /** Log entries of the stream a viewer starts with, base64: VoD the first ones, live the newest ones. */
  readonly entries: string;
  /** `ask`: the stream plays from the seeder alone until the viewer has answered; `implied`: peers from the start. */
  readonly consent: 'ask' | 'implied';
  /** What the page's own script has asked the seeder for already (`EARLY_BODY`); absent where it has not. */
  readonly early?: EarlyRange;
  /** Where the host is elsewhere: whether it is there, and who has the chunks. */
  readonly hosted?: Hosted;
}

/** Beginning of the chunk that a viewer starts with. */
export interface EarlyRange {
  readonly stream: number;
  readonly chunk: number;
  /** Bytes from the chunk's first on: whole pieces, or the whole chunk. */
  readonly bytes: number;
}

/** Name of the page's global that holds the `Promise<ArrayBuffer>` of that request, made before any script file is here. */
export const EARLY_BODY = 'tributaryEarly';

/** One row of `GET /api/channels`. */
export interface ChannelListing {
  readonly id: ChannelId;
  readonly title: string;
  readonly kind: 'vod' | 'live';
  readonly viewers: number;
  /** Average bits a second of the best stream. */
  readonly bitrate: number;
  /** VoD: seconds; live: null. */
  readonly durationSeconds: number | null;
  readonly width: number;
  readonly height: number;
  /** Share of bytes its viewers got from peers so far, 0..1; null before the first report. */
  readonly offloadRatio: number | null;
  /** Path of its poster; null where it has none. */
  readonly poster: string | null;
}
