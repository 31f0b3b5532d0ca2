/**
 * The tracker without its sockets: who is in which swarm, who may join under which id, and whom to introduce. Pure: time
 * is an argument, chance and key are ports, so the server and the simulator run the same one.
 */
import type { ChannelId, PeerId } from '#protocol/ids';
import type { Candidate, Join, MoreCandidates, Position, Report } from '#protocol/tracker-events';
import { AudienceFigures, type AudienceTotals } from './audience.ts';
import { isNearby, pickCandidates } from './pick-candidates.ts';
import type { TicketKey } from './ports.ts';
import { Swarm, type Chance, type Member } from './swarm.ts';
import { isTicketFor, issueTicket } from './ticket.ts';
import type { TrackerSettings } from './tracker-settings.ts';

export type JoinOutcome =
  | { readonly ok: true; readonly candidates: Candidate[]; readonly swarmSize: number; readonly ticket: string }
  | { readonly ok: false; readonly reason: 'unknownChannel' | 'idTaken' | 'full' };

/** Whether a join may go ahead; `reclaim`: the id is taken, but the ticket says that it is the same peer's. */
export type Admission = 'free' | 'reclaim' | 'unknownChannel' | 'idTaken' | 'full';

interface Channel {
  readonly swarm: Swarm;
  readonly audience: AudienceFigures;
  /** What introduces each member, signed once and handed out many times. */
  readonly introductions: Map<PeerId, { readonly ticket: string; readonly renewMs: number }>;
  /** The host's own peer, introduced before all others. */
  host: PeerId | null;
}

export interface TrackerNeeds {
  readonly key: TicketKey;
  readonly random: Chance;
  readonly settings: TrackerSettings;
}

export class Tracker {
  readonly #needs: TrackerNeeds;
  readonly #channels = new Map<ChannelId, Channel>();

  constructor(needs: TrackerNeeds) {
    this.#needs = needs;
  }

  /** Makes a channel joinable. Idempotent. */
  open(channel: ChannelId): void {
    if (!this.#channels.has(channel)) this.#channels.set(channel, { swarm: new Swarm(), audience: new AudienceFigures(), introductions: new Map(), host: null });
  }

  /** Takes a channel away: its members stay where they are until they ask again. */
  close(channel: ChannelId): void {
    this.#channels.delete(channel);
  }

  /** Names the host's own peer, or that it has none. */
  setHost(channel: ChannelId, peer: PeerId | null): void {
    const found = this.#channels.get(channel);
    if (found) found.host = peer;
  }

  admission(join: Join, nowMs: number): Admission {
    const swarm = this.#channels.get(join.channel)?.swarm;
    if (!swarm) return 'unknownChannel';
    if (swarm.has(join.peer)) {
      const claim = { kind: 'member', channel: join.channel, peer: join.peer } as const;
      return join.ticket !== undefined && isTicketFor(join.ticket, claim, nowMs, this.#needs.key) ? 'reclaim' : 'idTaken';
    }
    return swarm.size >= this.#needs.settings.maxMembers ? 'full' : 'free';
  }

  /** Joins, or takes the place over where admission says `reclaim`; the caller then drops the old connection. */
  join(join: Join, nowMs: number): JoinOutcome {
    const admission = this.admission(join, nowMs);
    if (admission !== 'free' && admission !== 'reclaim') return { ok: false, reason: admission };
    const { swarm, audience } = this.#channels.get(join.channel)!;
    swarm.put(join.peer, join.position);
    audience.joined(join.peer, nowMs);
    return {
      ok: true,
      candidates: this.#introduce(join.channel, { peer: join.peer, position: join.position }, new Set(), nowMs),
      swarmSize: swarm.size,
      ticket: this.#ticket('member', join.channel, join.peer, nowMs),
    };
  }

  /** More introductions for a member, whose position is brought up to date. Empty for who is no member. */
  moreCandidates(peer: PeerId, ask: MoreCandidates, nowMs: number): { candidates: Candidate[]; swarmSize: number } {
    const swarm = this.#channels.get(ask.channel)?.swarm;
    if (!swarm?.has(peer)) return { candidates: [], swarmSize: 0 };
    this.move(ask.channel, peer, ask.position);
    return { candidates: this.#introduce(ask.channel, { peer, position: ask.position }, new Set(ask.known), nowMs), swarmSize: swarm.size };
  }

  move(channel: ChannelId, peer: PeerId, position: Position): void {
    const swarm = this.#channels.get(channel)?.swarm;
    if (swarm?.has(peer)) swarm.put(peer, position);
  }

  leave(channel: ChannelId, peer: PeerId): void {
    const found = this.#channels.get(channel);
    found?.swarm.remove(peer);
    found?.audience.left(peer);
    found?.introductions.delete(peer);
  }

  /** @returns whether the report was believed. */
  report(peer: PeerId, report: Report, nowMs: number): boolean {
    const channel = this.#channels.get(report.channel);
    return channel?.audience.report(peer, report, { nowMs, host: channel.host }) ?? false;
  }

  isMember(channel: ChannelId, peer: PeerId): boolean {
    return this.#channels.get(channel)?.swarm.has(peer) ?? false;
  }

  swarmSize(channel: ChannelId): number {
    return this.#channels.get(channel)?.swarm.size ?? 0;
  }

  /** Members that watch or may: all but the host's own peer. */
  viewers(channel: ChannelId): number {
    const found = this.#channels.get(channel);
    if (!found) return 0;
    return found.swarm.size - (found.host !== null && found.swarm.has(found.host) ? 1 : 0);
  }

  /** Null before the first believed report. */
  offloadRatio(channel: ChannelId): number | null {
    return this.#channels.get(channel)?.audience.offloadRatio ?? null;
  }

  totals(channel: ChannelId): AudienceTotals | undefined {
    return this.#channels.get(channel)?.audience.totals;
  }

  #introduce(channel: ChannelId, asker: Member, known: ReadonlySet<PeerId>, nowMs: number): Candidate[] {
    const { settings, random } = this.#needs;
    const { swarm, host } = this.#channels.get(channel)!;
    const sample = swarm.sample(settings.sampleSize, random);
    const others = host === null ? sample : sample.filter(({ peer }) => peer !== host);
    const picked = pickCandidates({ asker, members: others, known }, settings, random).map(({ member }) => member);
    const first = host !== null && host !== asker.peer && !known.has(host) ? swarm.get(host) : undefined;
    return [...(first ? [first] : []), ...picked].slice(0, settings.maxCandidates).map((member) => ({
      peer: member.peer,
      ticket: this.#introduction(channel, member.peer, nowMs),
      mediaMs: member.position.mediaMs,
      uploads: member.position.uploads,
      ...(asker.position.utcOffsetMinutes !== undefined && { isNear: isNearby(asker, member) }),
    }));
  }

  #introduction(channel: ChannelId, peer: PeerId, nowMs: number): string {
    const { introductions } = this.#channels.get(channel)!;
    const held = introductions.get(peer);
    if (held && nowMs < held.renewMs) return held.ticket;
    const ticket = this.#ticket('introduction', channel, peer, nowMs);
    introductions.set(peer, { ticket, renewMs: nowMs + this.#needs.settings.ticketLifeMs / 2 });
    return ticket;
  }

  #ticket(kind: 'member' | 'introduction', channel: ChannelId, peer: PeerId, nowMs: number): string {
    return issueTicket({ kind, channel, peer, expiresMs: nowMs + this.#needs.settings.ticketLifeMs }, this.#needs.key);
  }
}
