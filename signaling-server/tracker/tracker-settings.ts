/** The tracker's settings: each with unit, default and reason. The simulator varies them, the server takes the defaults. */
import { MAX_INTRODUCTIONS } from '#protocol/limits';

export interface TrackerSettings {
  /** Candidates in one answer. */
  readonly maxCandidates: number;
  /** Share of the candidates drawn without regard to position, so that a swarm does not fall apart into age groups. */
  readonly mixedShare: number;
  /** Distance in media time at which a candidate counts half as near, ms: about one buffer. */
  readonly nearMs: number;
  /** Members looked at for one answer: more makes joins of huge swarms slow and answers no better. */
  readonly sampleSize: number;
  /** Members of one swarm, after which joins are turned away rather than everybody served badly. */
  readonly maxMembers: number;
  /** How long a ticket is good for, ms: a long film with a pause. */
  readonly ticketLifeMs: number;
}

export const DEFAULT_TRACKER_SETTINGS: TrackerSettings = {
  maxCandidates: MAX_INTRODUCTIONS,
  mixedShare: 0.2,
  nearMs: 30_000,
  sampleSize: 400,
  maxMembers: 100_000,
  ticketLifeMs: 12 * 3600_000,
};
