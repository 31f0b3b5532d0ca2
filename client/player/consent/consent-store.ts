/**
 * The consent of this page as a store: a choice reaches the viewer at once, is remembered for the next visit, and takes
 * the `p2p` parameter out of the address, so that a reload keeps what was chosen last.
 */
import type { P2pMode } from '#engine/viewer-snapshot';
import type { Store } from '../store/store.ts';
import { reduceConsent, startConsent, type Consent, type ConsentFacts } from './consent.ts';

export interface ConsentStore extends Store<Consent> {
  choose(mode: P2pMode): void;
}

export function createConsentStore(facts: ConsentFacts, onChosen: (mode: P2pMode) => void): ConsentStore {
  let consent = startConsent(facts);
  const listeners = new Set<() => void>();
  return {
    getSnapshot: () => consent,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    choose(mode) {
      consent = reduceConsent(consent, { type: 'chosen', mode });
      onChosen(mode);
      for (const listener of listeners) listener();
    },
  };
}
