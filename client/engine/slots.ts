/** Gives upload slots out anew now and then (policy/choose-unchoked.ts) and tells those whose luck changed. */
import type { Forwarder } from './forwarder.ts';
import type { Neighbour } from './neighbour.ts';
import { chooseUnchoked } from './policy/choose-unchoked.ts';
import type { Policies } from './policy/policies.ts';
import type { Random } from './ports.ts';
import type { Settings } from './settings.ts';
import type { Uploader } from './uploader.ts';

export interface SlotsOptions {
  readonly settings: Settings;
  readonly policy: Policies['choke'];
  readonly uploader: Uploader;
  readonly forwarder: Forwarder;
  readonly random: Random;
  readonly neighbours: () => Iterable<Neighbour>;
}

/** BitTorrent's choking period. */
const PERIOD_MS = 10_000;

export class Slots {
  readonly #options: SlotsOptions;
  #reviewedAtMs = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  review(nowMs: number): void {
    if (nowMs - this.#reviewedAtMs < PERIOD_MS) return;
    this.#reviewedAtMs = nowMs;
    const { neighbours, settings, random, uploader, forwarder, policy } = this.#options;
    const active = [...neighbours()].filter((neighbour) => neighbour.state === 'active');
    const candidates = active.map((neighbour) => ({
      peer: neighbour.peer,
      isInterested: neighbour.owedPieces > 0 || neighbour.upRate.rate(nowMs) > 0,
      downBytesPerSecond: neighbour.downRate.rate(nowMs),
    }));
    const chosen = chooseUnchoked(candidates, settings.uploadSlots, random, policy);
    for (const neighbour of active) {
      const isChoked = !chosen.has(neighbour.peer);
      if (isChoked === neighbour.isChokedByUs) continue;
      neighbour.isChokedByUs = isChoked;
      if (isChoked) {
        uploader.drop(neighbour);
        forwarder.drop(neighbour);
      }
      neighbour.send({ name: isChoked ? 'choke' : 'unchoke' });
    }
  }
}
