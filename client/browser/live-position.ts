/**
 * Where a live viewer should be. Policy only: the figures of the moment in, what to do with the playhead out. A viewer
 * that follows the live edge is brought back to it, gently by rate when it lags a little, by a jump when it lags a lot
 * (a frozen tab); one that has gone back on purpose is left alone while its media is still there.
 */

/** Playback 5 % faster is not heard with pitch kept; 10 % is, faintly, and only used far behind. */
const GENTLE_RATE = 1.05;
const BRISK_RATE = 1.1;
/** Milliseconds behind the target at which catching up begins, becomes brisk, and ends. */
const LAG_MS = 350;
const BRISK_LAG_MS = 1_500;
const CAUGHT_UP_MS = 80;
/**
 * Nearer than the target by as much, where a viewer may wait: it plays a little slower until its buffer is what it should
 * be. Who stood still while the host was away resumes with nothing ahead, and would stand still again and again.
 */
const LEAD_MS = 250;
const WAITED_MS = 60;
/**
 * The same in chunks where the distance is a given one: hls.js steps over a hole, and who is two seconds nearer to the
 * edge than everybody else finds nobody who has what it needs, and fetches all of it from the seeder for good.
 */
const LEAD_CHUNKS = 0.5;
const WAITING_RATE = 0.95;
/** Catching up needs this much ahead in the buffer, in chunks: speed must not cause the stall it is to avoid. */
const CHUNKS_AHEAD = 0.9;
/** Further behind the target than this many chunks is a jump. */
const JUMP_CHUNKS = 3;
/** Up to this many chunks behind the target still counts as live on the badge. */
const LIVE_CHUNKS = 1.5;

export interface LiveState {
  /** Milliseconds behind what is on air. */
  readonly behindMs: number;
  /** Where a viewer that follows should be, same measure. */
  readonly targetMs: number;
  readonly chunkMs: number;
  /** Playable media ahead of the playhead, milliseconds. */
  readonly aheadMs: number;
  readonly followsLive: boolean;
  /** The playhead's media is no longer in the live window. */
  readonly isOutsideWindow: boolean;
  /** Whether it is to fall back to the target also where it is only a little nearer than that. */
  readonly mayWait: boolean;
  /** The rate set last by this policy, 1 when none. */
  readonly rate: number;
}

export interface LiveDecision {
  readonly action: 'keep' | 'jump';
  readonly rate: number;
  readonly reason: 'onTarget' | 'lags' | 'lagsMuch' | 'frozen' | 'outsideWindow' | 'bufferShort' | 'tooNear' | 'wentBack';
}

export function placeLive(state: LiveState): LiveDecision {
  const { behindMs, targetMs, chunkMs, aheadMs, followsLive, isOutsideWindow, mayWait, rate } = state;
  const lagMs = behindMs - targetMs;
  if (isOutsideWindow) return { action: 'jump', rate: 1, reason: 'outsideWindow' };
  if (!followsLive) return { action: 'keep', rate: 1, reason: 'wentBack' };
  if (lagMs > JUMP_CHUNKS * chunkMs) return { action: 'jump', rate: 1, reason: 'frozen' };
  if (-lagMs > (rate < 1 ? WAITED_MS : mayWait ? LEAD_MS : LEAD_CHUNKS * chunkMs)) return { action: 'keep', rate: WAITING_RATE, reason: 'tooNear' };
  const isCatchingUp = rate > 1;
  if (lagMs < (isCatchingUp ? CAUGHT_UP_MS : LAG_MS)) return { action: 'keep', rate: 1, reason: 'onTarget' };
  if (aheadMs < CHUNKS_AHEAD * chunkMs) return { action: 'keep', rate: 1, reason: 'bufferShort' };
  return lagMs > BRISK_LAG_MS ? { action: 'keep', rate: BRISK_RATE, reason: 'lagsMuch' } : { action: 'keep', rate: GENTLE_RATE, reason: 'lags' };
}

/** Whether the badge says LIVE. */
export function isAtLive({ behindMs, targetMs, chunkMs }: Pick<LiveState, 'behindMs' | 'targetMs' | 'chunkMs'>): boolean {
  return behindMs - targetMs <= LIVE_CHUNKS * chunkMs;
}
