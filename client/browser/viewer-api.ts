/** The face of a watching peer towards pages: `openViewer` (viewer.ts) returns one per page and channel. */
import type { Settings } from '#engine/settings';
import type { P2pMode } from '#engine/viewer-snapshot';
import type { ChannelId } from '#protocol/ids';
import type { WatchBoot } from '#protocol/paths';
import type { EarlyAnswer } from './fetch-origin.ts';
import type { PickSound } from './sounds.ts';
import type { WatchSnapshot } from './watch-snapshot.ts';

export interface ViewerOptions {
  readonly channel: ChannelId;
  /** `https://host[:port]`, without a slash at the end. */
  readonly serverUrl: string;
  readonly mode: P2pMode;
  /** What the server wrote into the page; without it the description is fetched. Checked like anything else. */
  readonly boot?: Pick<WatchBoot, 'description' | 'entries' | 'hosted'> | undefined;
  /** Bytes of the first chunk that the page has asked the seeder for already. Checked like any others. */
  readonly early?: EarlyAnswer | undefined;
  /** Which of several sounds to begin with; undefined for the first. Asked before anything of the channel is fetched. */
  readonly pickSound?: PickSound | undefined;
  /** Where they differ from the defaults. */
  readonly settings?: Partial<Settings>;
}

/** An element, and the MediaSource it opens already where somebody was early. */
export interface OpeningMedia {
  readonly video: HTMLVideoElement;
  readonly mediaSource?: MediaSource;
}

export interface Viewer {
  /** Resolves once the channel is open or cannot be opened (see the snapshot's `status`); never rejects. */
  readonly opened: Promise<void>;
  /**
   * Plays on this element, as soon as the channel is open. One element at a time; the result takes it off again. May be
   * called before `opened`: start-up is fastest then.
   */
  attach(media: OpeningMedia): () => void;
  /** Takes effect at once. */
  setMode(mode: P2pMode): void;
  /** A level of the snapshot's `levels`, or -1 for automatic. */
  setLevel(level: number): void;
  /** One of the snapshot's `sounds`, from the next chunk on. */
  setSound(stream: number): void;
  jumpToLive(): void;
  /** A fresh snapshot, made now. */
  snapshot(): WatchSnapshot;
  /** The same object until a subscriber is told of a change: with `subscribe`, the shape of `useSyncExternalStore`. */
  readonly getSnapshot: () => WatchSnapshot;
  /** Tells of changes at most four times a second; nothing is computed while nobody listens. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Says goodbye and frees everything. Idempotent. */
  close(): void;
}
