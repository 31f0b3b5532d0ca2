/** The chip beside the title, in words: how much comes from other viewers, and from how many. */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import { countOf, formatShare } from '../format/shares.ts';

export interface ShareWords {
  readonly text: string;
  /** Share from peers for the little bar, 0..1; null where there is nothing to show yet. */
  readonly ratio: number | null;
}

export function shareWords(snapshot: ViewerSnapshot | null): ShareWords {
  if (snapshot === null) return { text: 'Starting', ratio: null };
  const { mode, swarm, offloadRatio } = snapshot;
  const active = snapshot.neighbours.filter((neighbour) => neighbour.state === 'active').length;
  const ratio = offloadRatio ?? 0;
  // Switched off in mid-play: what came before still counts, but nothing comes from viewers now.
  if (mode === 'off' || swarm === 'off' || swarm === 'unavailable') return { text: 'From the server alone', ratio: null };
  if (active > 0) return { text: `${formatShare(ratio)} from ${countOf(active, 'viewer')}`, ratio };
  if (ratio > 0) return { text: `${formatShare(ratio)} from viewers`, ratio };
  return { text: swarm === 'joining' || snapshot.dialing > 0 ? 'Finding viewers' : 'No other viewer yet', ratio: null };
}
