/**
 * What the seeder needs of a channel, live or on demand. The composition root builds the channels; the seeder only ever
 * sees this face, so that what it serves and how a channel comes by its chunks stay apart.
 */
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import type { ChannelId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { Hosted } from '#protocol/hosted';

/** Indexes a stream offers now, both inclusive; `newest` < `first` while there is none. */
export interface Available {
  readonly first: number;
  readonly newest: number;
}

export interface ServedChannel {
  readonly id: ChannelId;
  readonly title: string;
  readonly kind: 'vod' | 'live';
  /** Whether the list of channels shows it; who has the link may watch either way. */
  readonly isListed: boolean;
  readonly description: ChannelDescription;
  readonly signedDescription: SignedDescription;
  /** VoD: length in seconds; live: null. */
  readonly durationSeconds: number | null;
  /** Undefined for the server's own channels. */
  readonly hosted?: Hosted;
  /** False while the log of a VoD channel still grows. */
  readonly isComplete?: boolean;
  /** Undefined where the channel has no such stream. */
  available(stream: number): Available | undefined;
  entry(stream: number, index: number): LogEntry | undefined;
  /**
   * A chunk's bytes, checked against its record; the caller must not change them. Undefined where it is not available.
   * Rejects when the stored bytes are missing or damaged: such a chunk must not be served.
   */
  readChunk(stream: number, index: number): Promise<Uint8Array | undefined>;
  /** A picture that the description names, by its hash; undefined where it is not here. */
  picture(hash: string): Promise<Uint8Array | undefined>;
}

export interface ChannelDirectory {
  /** In the order they were given. */
  list(): readonly ServedChannel[];
  find(id: string): ServedChannel | undefined;
}

/** What the tracker knows of a channel's viewers. */
export interface Audience {
  readonly viewers: number;
  /** Null before the first report. */
  readonly offloadRatio: number | null;
}
