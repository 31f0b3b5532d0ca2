/**
 * What viewers reported of one channel, added up. Reports are cumulative since a join and come from browsers, so only
 * growth counts, and only as much of it as a connection could have carried.
 */
import type { PeerId } from '#protocol/ids';
import type { Report } from '#protocol/tracker-events';
import { offloadRatio } from '#protocol/metrics';

/** Counters of a report that are summed over viewers. */
const SUMMED = ['bytesFromPeers', 'bytesFromSeeder', 'bytesToPeers', 'controlBytes', 'stalls', 'stalledMs', 'watchedMs'] as const;
type Summed = (typeof SUMMED)[number];
/** `bytesFromPeers` is what viewers took from each other; `bytesFromHost` what the host's own peer sent them. */
export type AudienceTotals = Readonly<Record<Summed | 'bytesFromHost', number>>;

/** Fastest growth of any counter that is believed, per ms: 1 Gbit/s. What is above it says more of the sender than of us. */
const MOST_PER_MS = 125_000;

const none = (): Record<Summed, number> => ({ bytesFromPeers: 0, bytesFromSeeder: 0, bytesToPeers: 0, controlBytes: 0, stalls: 0, stalledMs: 0, watchedMs: 0 });

interface Latest {
  readonly counts: Record<Summed, number>;
  atMs: number;
}

export class AudienceFigures {
  readonly #totals = none();
  #hostBytes = 0;
  /**
   * Of what viewers took from peers that which they had from each other. Only ever more, as a counter must: host and
   * viewers report at different moments, and looked at when the host has just reported it is never too much.
   */
  #carriedBytes = 0;
  readonly #latest = new Map<PeerId, Latest>();

  get totals(): AudienceTotals {
    return { ...this.#totals, bytesFromPeers: this.#carriedBytes, bytesFromHost: this.#hostBytes };
  }

  /** Share of verified bytes that viewers had from each other, 0..1; null before the first byte. */
  get offloadRatio(): number | null {
    return offloadRatio(this.#carriedBytes, this.#totals.bytesFromSeeder + this.#hostBytes);
  }

  /** From this moment a member's counters start at 0. */
  joined(peer: PeerId, nowMs: number): void {
    this.#latest.set(peer, { counts: none(), atMs: nowMs });
  }

  left(peer: PeerId): void {
    this.#latest.delete(peer);
  }

  /** @param host the host's own peer, where there is one now. @returns whether the figures were believed; what is not is ignored whole. */
  report(peer: PeerId, report: Report, { nowMs, host }: { readonly nowMs: number; readonly host: PeerId | null }): boolean {
    const latest = this.#latest.get(peer);
    if (!latest) return false;
    // A second is granted even to reports in quick succession: the clock of arrival is not that of measurement.
    const most = (nowMs - latest.atMs + 1000) * MOST_PER_MS;
    if (SUMMED.some((name) => report[name] < latest.counts[name] || report[name] - latest.counts[name] > most)) return false;
    const isHost = peer === host;
    if (isHost) this.#hostBytes += report.bytesToPeers - latest.counts.bytesToPeers;
    for (const name of SUMMED) {
      if (!isHost) this.#totals[name] += report[name] - latest.counts[name];
      latest.counts[name] = report[name];
    }
    if (isHost || host === null) this.#carriedBytes = Math.max(this.#carriedBytes, this.#totals.bytesFromPeers - this.#hostBytes);
    latest.atMs = nowMs;
    return true;
  }
}
