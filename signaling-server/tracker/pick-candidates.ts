/**
 * Whom to introduce to a peer. Those who upload and have room come first, among them those who play about the same
 * moment, because they hold what is wanted next, and those on its side of the world, because bytes travel less far; a
 * share is drawn regardless of position to keep the swarm in one piece.
 */
import type { PeerId } from '#protocol/ids';
import type { Chance, Member } from './swarm.ts';
import type { TrackerSettings } from './tracker-settings.ts';

export interface CandidateSnapshot {
  /** Who asks; never among the candidates. */
  readonly asker: Member;
  readonly members: readonly Member[];
  /** Peers the asker has links to or has tried. */
  readonly known: ReadonlySet<PeerId>;
}

export interface PickedCandidate {
  readonly member: Member;
  readonly reason: 'near' | 'mixed';
}

/** What speaks for a member, best first when compared from left to right. */
interface Standing {
  readonly member: Member;
  /** 0: uploads and has room; 1: uploads; 2: neither, of use only to be uploaded to. */
  readonly tier: number;
  /** 0..1, 1 at the same moment on the same side of the world. */
  readonly nearness: number;
  readonly lot: number;
}

/** At most `settings.maxCandidates` members, best first. Ties are broken by id, so equal input gives equal output. */
export function pickCandidates(
  snapshot: CandidateSnapshot,
  settings: Pick<TrackerSettings, 'maxCandidates' | 'mixedShare' | 'nearMs'>,
  random: Chance,
): PickedCandidate[] {
  const eligible = snapshot.members
    .filter(({ peer }) => peer !== snapshot.asker.peer && !snapshot.known.has(peer))
    // Lots are drawn in the order of ids: who is asked first must not depend on how the registry keeps its members.
    .sort((a, b) => byId(a.peer, b.peer))
    .map((member) => ({ member, tier: tierOf(member), nearness: nearnessOf(snapshot.asker, member, settings.nearMs), lot: random.next() }));
  const mixedCount = Math.floor(settings.maxCandidates * settings.mixedShare);
  const near = eligible.toSorted((a, b) => a.tier - b.tier || b.nearness - a.nearness || a.lot - b.lot || byId(a.member.peer, b.member.peer));
  const chosen = near.slice(0, settings.maxCandidates - mixedCount);
  const rest = near.slice(chosen.length).sort((a, b) => a.tier - b.tier || a.lot - b.lot || byId(a.member.peer, b.member.peer));
  return [...chosen.map(picked('near')), ...rest.slice(0, mixedCount).map(picked('mixed'))];
}

const picked = (reason: PickedCandidate['reason']) => ({ member }: Standing): PickedCandidate => ({ member, reason });
const byId = (a: PeerId, b: PeerId): number => (a < b ? -1 : a > b ? 1 : 0);

function tierOf({ position }: Member): number {
  if (!position.uploads) return 2;
  return position.links < position.maxLinks ? 0 : 1;
}

/**
 * Half near at `nearMs`; without a playhead on one side there is nothing to compare, which counts as half near. A peer
 * at the same moment on the other side of the world counts like one at `nearMs` on this one.
 */
function nearnessOf(asker: Member, member: Member, nearMs: number): number {
  const inPlace = isNearby(asker, member) ? 1 : 0.5;
  if (asker.position.mediaMs < 0 || member.position.mediaMs < 0) return 0.5 * inPlace;
  return inPlace / (1 + Math.abs(asker.position.mediaMs - member.position.mediaMs) / nearMs);
}

/** Whether the two say that their clocks are about an hour apart at most. */
export function isNearby(a: Pick<Member, 'position'>, b: Pick<Member, 'position'>): boolean {
  const [here, there] = [a.position.utcOffsetMinutes, b.position.utcOffsetMinutes];
  return here !== undefined && there !== undefined && Math.abs(here - there) <= NEARBY_MINUTES;
}

/** One zone further, and half an hour for the zones in between: a continent has several. */
const NEARBY_MINUTES = 90;
