/**
 * Who fetches a new piece from the seeder first: rendezvous hashing (Thaler and Ravishankar, 1998) of peer and run of
 * pieces. Every neighbour computes the same order without a word, and whoever is second waits its turn; a `have` that
 * arrives meanwhile ends the wait.
 */
import { mix } from '../keys.ts';
import type { Policies } from './policies.ts';
import { isHome } from './substreams.ts';

/** Pieces per run: fixed by the chunk alone, so that all neighbours cut it the same way. */
export function dutyRunLength(pieces: number, settings: { readonly dutyRunPieces: number; readonly dutyRunsMax: number }): number {
  return Math.max(settings.dutyRunPieces, Math.ceil(pieces / settings.dutyRunsMax));
}

/**
 * Pause between two places in line, ms: a sixth of the time until the piece becomes urgent, so that several can fail
 * and it still comes in time. With much time the pause outlasts what neighbours do not know of each other's playheads;
 * for live it is what the latency allows.
 */
export function rankDelayMs(spareMs: number, settings: { readonly rankDelayMs: number }): number {
  return Math.min(settings.rankDelayMs, Math.max(SHORTEST_DELAY_MS, spareMs / 6));
}

/** A fetch from a quick seeder and its announcement. */
const SHORTEST_DELAY_MS = 150;

/**
 * How those who want a piece that nobody has share the seeder. `ranked`: one after the other, whoever cannot be seen
 * counted in. `share`: in a swarm larger than the neighbourhood one or two of all fetch at once, the others wait for
 * their `have`s until time runs short. The losers of docs/decisions/0005 stay to be compared with: `neighbourhood` sees
 * its neighbours only, `race` is what a peer does that knows of no line.
 */
export type DutyPolicy = Policies['duty'];

/** Who stands in line at the seeder for one run of pieces, as far as a peer knows. */
export interface DutyLine {
  readonly self: number;
  /** Hashes of the neighbours that want the run too, at about the same place of the stream. */
  readonly rivals: readonly number[];
  /** Neighbours clearly ahead, whose turn it is first. */
  readonly before: number;
  /** Peers of the swarm that want it and cannot be seen, estimated. */
  readonly unseen: number;
  readonly chunk: number;
  readonly run: number;
  /** The substream, where one is fed for others to be pushed: those who pass it on to many come first. */
  readonly substream: number | null;
}

export interface DutyTime {
  /** How long the line has existed, ms. */
  readonly waitedMs: number;
  /** Time until the run becomes urgent, ms. */
  readonly spareMs: number;
  /** Pause between two places, ms. */
  readonly delayMs: number;
}

/** Peers of the whole swarm that fetch a run at once, on average. With two, one in eight runs is fetched by nobody. */
const SHARE_PEERS = 2;
/** In large swarms it is a share, so that trees are no deeper: one percent of offload for two hops less at 1000 viewers. */
const SHARE_OF_SWARM = 0.01;
const firstsOf = (swarmSize: number): number => Math.max(SHARE_PEERS, SHARE_OF_SWARM * swarmSize);
/** Spare time from which a neighbourhood without the run helps itself, ms: three turns, then it is urgent. */
const RESCUE_MS = 450;

/**
 * A peer's lot in a line, and how many of its rivals drew a lower one: counted when somebody asks, and once, since most
 * pieces are placed without it. The line must not change meanwhile.
 */
export class Standing {
  readonly lot: number;
  readonly #line: DutyLine;
  #ahead = -1;

  constructor(line: DutyLine) {
    this.#line = line;
    this.lot = lotOf(line, line.self);
  }

  get ahead(): number {
    if (this.#ahead < 0) this.#ahead = countAhead(this.#line, this.lot);
    return this.#ahead;
  }
}

/** Milliseconds until it is this peer's turn to fetch the run from the seeder; 0 or less is now. */
export function dutyTurnMs(policy: DutyPolicy, line: DutyLine & DutyTime, standing = new Standing(line)): number {
  if (policy === 'race') return 0;
  const { unseen, spareMs, waitedMs, delayMs } = line;
  if (policy === 'ranked' || (policy === 'share' && unseen < 1)) return originPlace(line, standing) * delayMs - waitedMs;
  const local = placeOf(line, standing, 0);
  if (policy === 'neighbourhood') return local * delayMs - waitedMs;
  if (local === 0 && isFirstOfSwarm(line, standing.lot)) return 0;
  return spareMs - RESCUE_MS + local * SHORTEST_DELAY_MS;
}

/** Whether this peer is one of those who feed the run to a swarm larger than its neighbourhood, under `share`. */
export const isFeeder = (line: DutyLine, standing = new Standing(line)): boolean =>
  isFirstOfSwarm(line, standing.lot) && placeOf(line, standing, 0) === 0;

/** Whether the run is of those a peer fetches at once where it has to fetch `share` of all by itself, those of its home first. */
export const isShortOf = (line: Pick<DutyLine, 'self' | 'chunk' | 'run' | 'substream'>, share: number): boolean =>
  share > 0 && lotOf(line, line.self) / 2 ** 32 < share;

function isFirstOfSwarm(line: DutyLine, lot: number): boolean {
  const size = 1 + line.rivals.length + line.unseen;
  return (lot / 2 ** 32) * size < firstsOf(size);
}

/**
 * Whether the peer can be among the first of a swarm of `swarmSize` under `share`: cheap to know, and false for nearly all.
 */
export const mayFeed = (line: Pick<DutyLine, 'self' | 'chunk' | 'run' | 'substream'>, swarmSize: number): boolean =>
  (lotOf(line, line.self) / 2 ** 32) * swarmSize < 2 * firstsOf(swarmSize);

/** Lot of a peer in a line, below 2^32: who has the lowest is first. */
function lotOf({ chunk, run, substream }: Pick<DutyLine, 'chunk' | 'run' | 'substream'>, hash: number): number {
  const lot = mix(hash, mix(chunk, run + 1));
  if (substream === null) return lot;
  // A quarter of all are at home in a substream and take the lowest quarter of the lots.
  return isHome(hash, substream) ? lot / 4 : 2 ** 30 + (lot * 3) / 4;
}

/**
 * Place of `self` in line, 0 first; later places carry a fraction below a half. In a large swarm being first among
 * neighbours is not being first: of the unseen peers as many stand before it as its own score says. Equal scores go to
 * the smaller hash.
 */
export const originPlace = (line: DutyLine, standing = new Standing(line)): number => placeOf(line, standing, line.unseen);

function placeOf({ before }: DutyLine, { lot, ahead }: Standing, unseen: number): number {
  const rank = Math.floor((lot / 2 ** 32) * unseen) + ahead;
  // Two peers that see different neighbours may count the same place: a share of a place of each one's own keeps their
  // turns apart. The first in line does not wait.
  return before + (rank === 0 ? 0 : rank + (Math.floor(lot) % 1_000) / 2_000);
}

function countAhead(line: DutyLine, own: number): number {
  let ahead = 0;
  for (const other of line.rivals) {
    const lot = lotOf(line, other);
    if (lot < own || (lot === own && other < line.self)) ahead++;
  }
  return ahead;
}
