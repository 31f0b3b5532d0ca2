/**
 * The list of channels as a store that refreshes itself while somebody looks. When the server cannot be reached it
 * keeps what it has, says so, and tries again by itself, a little later each time.
 */
import type { ChannelListing } from '#protocol/paths';
import type { Store } from '../store/store.ts';

export interface ChannelFeedState {
  /** Null until the first answer. */
  readonly channels: readonly ChannelListing[] | null;
  readonly isFailing: boolean;
}

export interface ChannelFeed extends Store<ChannelFeedState> {
  /** Asks at once and from then on regularly; does nothing while it is running. */
  start(): void;
  stop(): void;
}

export interface ChannelFeedPorts {
  /** The channels now; rejects when they cannot be had. */
  readonly load: () => Promise<readonly ChannelListing[]>;
  /** Calls `action` once, `ms` from now; the answer cancels that. */
  readonly after: (ms: number, action: () => void) => () => void;
}

/** Viewer counts this old still look alive, and a hundred open lists stay a trickle for the server. */
const REFRESH_MS = 4_000;
/** A server that restarts is back within seconds; one that is gone should not be hammered. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000] as const;

export function createChannelFeed({ load, after }: ChannelFeedPorts): ChannelFeed {
  let state: ChannelFeedState = { channels: null, isFailing: false };
  let failures = 0;
  let isRunning = false;
  // Each start is a run of its own; what an earlier one still has under way must not come through.
  let run = 0;
  let cancelTimer = (): void => undefined;
  const listeners = new Set<() => void>();

  const become = (next: ChannelFeedState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const ask = (): void => {
    const asked = run;
    const isStale = (): boolean => asked !== run || !isRunning;
    load().then(
      (channels) => {
        if (isStale()) return;
        failures = 0;
        become({ channels, isFailing: false });
        cancelTimer = after(REFRESH_MS, ask);
      },
      () => {
        if (isStale()) return;
        const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!;
        failures += 1;
        become({ channels: state.channels, isFailing: true });
        cancelTimer = after(pause, ask);
      },
    );
  };

  return {
    getSnapshot: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      if (isRunning) return;
      isRunning = true;
      run += 1;
      ask();
    },
    stop() {
      isRunning = false;
      cancelTimer();
    },
  };
}
