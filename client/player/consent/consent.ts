/**
 * Whether this viewer exchanges with others, and whether it still has to be asked: one pure reducer. What the person
 * has said counts more than what the operator has said, and a link counts for its own visit.
 */
import type { P2pMode } from '#engine/viewer-snapshot';

export interface ConsentFacts {
  /** `?p2p=` of the link that was opened. */
  readonly fromLink: P2pMode | null;
  /** What the person chose earlier in this browser. */
  readonly remembered: P2pMode | null;
  /** The server's word; `ask` where it says nothing. */
  readonly operator: 'ask' | 'implied';
  readonly hasWebRtc: boolean;
}

export interface Consent {
  readonly mode: P2pMode;
  readonly isNoticeShown: boolean;
  readonly hasWebRtc: boolean;
}

/** A choice made on the page, in the notice or with the switch. */
export interface ConsentEvent {
  readonly type: 'chosen';
  readonly mode: P2pMode;
}

export function startConsent(facts: ConsentFacts): Consent {
  const { hasWebRtc } = facts;
  const said = facts.fromLink ?? facts.remembered ?? (facts.operator === 'implied' ? 'on' : null);
  // Without WebRTC there is nothing to agree to: the notice would be about something that cannot happen.
  return { mode: said ?? 'off', isNoticeShown: said === null && hasWebRtc, hasWebRtc };
}

export function reduceConsent(consent: Consent, event: ConsentEvent): Consent {
  return { ...consent, mode: event.mode, isNoticeShown: false };
}

const MODES: readonly P2pMode[] = ['on', 'download', 'off'];

/** A mode by its name, null for any other text. */
export const parseMode = (text: string | null): P2pMode | null => MODES.find((mode) => mode === text) ?? null;

/** The `p2p` parameter of a page's query, e.g. `?p2p=off`. */
export const modeFromQuery = (query: string): P2pMode | null => parseMode(new URLSearchParams(query).get('p2p'));
