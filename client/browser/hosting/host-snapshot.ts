/** What the /host page shows of a channel that is hosted from it: one plain object, made when asked for. */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import type { ChannelId } from '#protocol/ids';

export interface HostSnapshot {
  /**
   * `opening`: looking at the source. `packaging`: shared already, while the rest is still being made. `sharing`: all of a
   * film is made, or live is on air. `ended`: by its host. `failed`: `sentence` says why.
   */
  readonly phase: 'opening' | 'packaging' | 'sharing' | 'ended' | 'failed';
  readonly sentence: string | null;
  readonly kind: 'vod' | 'live';
  readonly title: string;
  readonly channel: ChannelId | null;
  /** Chunks made, and of how many; `total` null for live. */
  readonly made: number;
  readonly total: number | null;
  /** Chunks the server has; null where it is to have none. */
  readonly uploaded: number | null;
  readonly isServerReachable: boolean;
  readonly viewers: number;
  /** Sent to viewers by this page, bytes and bytes a second. */
  readonly sentBytes: number;
  readonly upBytesPerSecond: number;
  /** What all viewers together take, bytes a second: their number times the stream's rate. */
  readonly demandBytesPerSecond: number;
  /** Bytes of one copy of what was made; live: of all that was ever on air. */
  readonly madeBytes: number;
  /** Copies of the rarest chunk among the viewers linked to this page. */
  readonly leastCopies: number;
  /** Something that the host should know, in one sentence: the broadcast is not what was asked for. */
  readonly remark: string | null;
  readonly engine: ViewerSnapshot | null;
}

/** A page that hosts: what React binds to. */
export interface Hosting {
  readonly getSnapshot: () => HostSnapshot;
  readonly subscribe: (listener: () => void) => () => void;
  /** Ends the channel in good order. */
  end(): Promise<void>;
  /** The page goes away: says so, and lets go of everything. Idempotent. */
  close(): void;
}

/** Copies among viewers from which a host can leave without taking anything along. */
export const SAFE_COPIES = 2;

/** Whether the channel can be watched to its end without this page. */
export function isSafeToClose({ kind, phase, uploaded, total, leastCopies }: HostSnapshot): boolean {
  if (phase === 'ended' || phase === 'failed') return true;
  if (kind === 'live' || phase !== 'sharing') return false;
  return (uploaded !== null && uploaded === total) || leastCopies >= SAFE_COPIES;
}
