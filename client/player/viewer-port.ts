/**
 * What the pages need from a viewer, and nothing more: one store to read and a handful of things to ask for. Pages and
 * components know this interface alone, so they can be drawn from a scripted viewer as well as from the real one.
 */
import type { P2pMode, ViewerSnapshot } from '#engine/viewer-snapshot';

/** Why a channel does not play. Every reason but `unsupported` is tried again without being asked. */
export type FailureReason = 'unknownChannel' | 'serverUnreachable' | 'unsupported' | 'broken';

export type ViewerStatus =
  | { readonly kind: 'opening' }
  | { readonly kind: 'playing' }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly sentence: string };

export interface QualityLevel {
  /** Position in the viewer's list of levels, which is what `setLevel` takes. */
  readonly index: number;
  readonly height: number;
  readonly bitsPerSecond: number;
  readonly name: string;
}

export interface PlaybackFigures {
  /** From the opening of the viewer to its first frame; null before that. */
  readonly startupMs: number | null;
  readonly stalls: number;
  readonly stalledMs: number;
}

/** Everything a page shows, as of one moment. A new object only when something has changed. */
export interface ViewerState {
  readonly status: ViewerStatus;
  /** Null until the channel's description is here. The title is text from outside: render it as text only. */
  readonly channel: null | { readonly title: string; readonly kind: 'vod' | 'live' };
  /** Null until the engine runs. */
  readonly swarm: ViewerSnapshot | null;
  readonly playback: PlaybackFigures;
  readonly levels: readonly QualityLevel[];
  /** Level being played, or null before the first one. */
  readonly level: number | null;
  /** True while the viewer picks the level by itself. */
  readonly isLevelAutomatic: boolean;
}

export interface Store<State> {
  /** The same object until something changes. */
  readonly getSnapshot: () => State;
  /** Calls `listener` at each change; the answer ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

export interface PageViewer extends Store<ViewerState> {
  setMode(mode: P2pMode): void;
  /** Live: to the newest moment that plays smoothly. VoD: nothing. */
  jumpToLive(): void;
  /** A level's index, or null for automatic. */
  setLevel(level: number | null): void;
  close(): void;
}
