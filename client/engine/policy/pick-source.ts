/**
 * Where one missing piece comes from, now: a neighbour, the seeder, or patience. The three windows of the design in
 * one pure function: urgent pieces never wait for promises, middle ones enter the swarm about once, far ones come from
 * peers only.
 */
import type { Settings } from '../settings.ts';

export interface PieceSituation {
  /** Until the piece must be here, ms; negative when it is late. */
  readonly slackMs: number;
  /** Media time ahead of the playhead, ms. */
  readonly aheadMs: number;
  /** Whether any neighbour holds it and could bring it in time, busy ones included. */
  readonly isHeldByNeighbour: boolean;
  /** Milliseconds until the best free neighbour would have sent it; null without one. */
  readonly peerMs: number | null;
  /** Milliseconds until the seeder would have sent it. */
  readonly originMs: number;
  /** Ms until it is this peer's turn to ask a holder, where neighbours want the piece too. */
  readonly lineMs: number;
  /** Ms until it is this peer's turn to fetch it from the seeder (origin-rank.ts); 0 or less is now. */
  readonly turnMs: number;
  /** Candidates are being dialled and no neighbour has spoken yet. */
  readonly isIntroducing: boolean;
  /** A neighbour was asked for it and turned it down or let it lapse. */
  readonly hasFailed: boolean;
  /** Slack below which the seeder is asked whatever peers promise, ms. */
  readonly urgentMs: number;
  /** No neighbour at all, and none in sight. */
  readonly isAlone: boolean;
  /** First chunk after start or seek, wanted by neighbours at the same moment too. */
  readonly isShared: boolean;
}

export type SourceReason = 'inTime' | 'bestLeft' | 'late' | 'duty' | 'alone' | 'holderBusy' | 'introducing' | 'inLine' | 'far';

export type SourceChoice =
  | { readonly source: 'peer'; readonly reason: SourceReason }
  | { readonly source: 'origin'; readonly reason: SourceReason }
  /** `forMs`: when to look again at the latest. */
  | { readonly source: 'wait'; readonly reason: SourceReason; readonly forMs: number };

const peer = (reason: SourceReason): SourceChoice => ({ source: 'peer', reason });
const origin = (reason: SourceReason): SourceChoice => ({ source: 'origin', reason });
const wait = (reason: SourceReason, forMs: number): SourceChoice => ({ source: 'wait', reason, forMs });

const PEER_IN_TIME = peer('inTime');
const PEER_BEST_LEFT = peer('bestLeft');
const ORIGIN_LATE = origin('late');
const ORIGIN_DUTY = origin('duty');
const ORIGIN_ALONE = origin('alone');

/**
 * Slack below which a piece is urgent: what the seeder may well need for it (`boundMs`), within bounds. In the first
 * seconds nothing much is buffered, so everything is near its deadline; a quick seeder is then trusted to be quick again,
 * and neighbours get the time that this leaves them, while of one that takes seconds to answer all that is due in these
 * is asked at once, as a plain player would. What the host itself is late comes on top, for asking and for taking in.
 */
export function urgencyMs(boundMs: number, isSettling: boolean, lagMs: number, settings: Settings): number {
  const [floorMs, ceilingMs] = isSettling ? [settings.urgentFloorMs, settings.urgentCeilingMs] : [settings.urgentSteadyMs, settings.urgentMs];
  return Math.min(ceilingMs, Math.max(floorMs, boundMs)) + 2 * Math.min(lagMs, settings.urgentMs);
}

export function pickSource(piece: PieceSituation, settings: Settings): SourceChoice {
  // What a place in line costs is asked last: counting those ahead is most of the work of placing a piece.
  if (piece.isHeldByNeighbour && piece.slackMs > settings.lineSlackMs && piece.lineMs > 0) {
    return wait('inLine', Math.min(piece.lineMs, piece.slackMs - settings.lineSlackMs));
  }
  const isUrgent = piece.slackMs <= piece.urgentMs;
  // With little time left one attempt is all there is time for: neighbours that do not know each other's queues would each promise in turn.
  if (isUrgent && piece.hasFailed && piece.originMs <= piece.urgentMs) return ORIGIN_LATE;
  // A neighbour is waited for until the seeder has to step in, no longer: who needs more is asked for nothing.
  if (piece.peerMs !== null && piece.peerMs <= Math.max(piece.slackMs - piece.urgentMs, settings.latePeerMs)) return PEER_IN_TIME;
  if (isUrgent) {
    if (piece.isShared && !piece.isHeldByNeighbour) {
      return piece.turnMs <= 0 ? ORIGIN_DUTY : wait('inLine', piece.turnMs);
    }
    return piece.peerMs !== null && piece.peerMs <= piece.originMs ? PEER_BEST_LEFT : ORIGIN_LATE;
  }
  const untilUrgentMs = piece.slackMs - piece.urgentMs;
  if (piece.isHeldByNeighbour) return wait('holderBusy', untilUrgentMs);
  if (piece.isIntroducing) return wait('introducing', untilUrgentMs);
  if (piece.isAlone) return piece.aheadMs <= settings.originWindowAloneMs ? ORIGIN_ALONE : wait('far', untilUrgentMs);
  if (piece.aheadMs > settings.originWindowMs) return wait('far', piece.aheadMs - settings.originWindowMs);
  return piece.turnMs <= 0 ? ORIGIN_DUTY : wait('inLine', Math.min(piece.turnMs, untilUrgentMs));
}
