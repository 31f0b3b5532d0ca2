/**
 * Where hosts are and how far apart: regions joined by a seeded matrix of one-way delays, providers within a region,
 * and each host's own last mile. Also who can connect to whom: NAT classes and the pairs of them that fail.
 */
import type { Random } from '#engine/ports';

/**
 * `open`: reachable from outside. `cone`: any peer it has written to may answer. `restricted`: only from the very port
 * written to. `symmetric`: another public port for each peer. `blocked`: no UDP at all.
 */
export type NatClass = 'open' | 'cone' | 'restricted' | 'symmetric' | 'blocked';

/**
 * Shares of the classes among viewers. 82 % of NATs let UDP hole punching through (Ford, Srisuresh, Kegel, USENIX 2005),
 * so 15 of the 82 hundredths behind a NAT are symmetric; of attempts between peers in a real swarm "more than 80 %"
 * succeeded (Halkes, Pouwelse, "UDP NAT and Firewall Puncturing in the Wild", 2010), which these shares give: 81 %.
 */
export const INTERNET_NATS: Readonly<Record<NatClass, number>> = {
  open: 0.15,
  cone: 0.3,
  restricted: 0.37,
  symmetric: 0.15,
  blocked: 0.03,
};

/** Whether hole punching with STUN alone joins the two (RFC 4787 behaviours; no TURN). */
export function canConnect(a: NatClass, b: NatClass): boolean {
  if (a === 'blocked' || b === 'blocked') return false;
  if (a === 'symmetric') return b === 'open' || b === 'cone';
  if (b === 'symmetric') return a === 'open' || a === 'cone';
  return true;
}

export interface Place {
  readonly region: number;
  readonly provider: number;
  /** One-way delay of the last mile, ms. */
  readonly accessMs: number;
}

export interface TopologyOptions {
  readonly regions: number;
  readonly providersPerRegion: number;
  /** One-way delay inside one provider, between providers of a region, and the range between regions; ms. */
  readonly sameProviderMs: number;
  readonly sameRegionMs: number;
  readonly betweenRegionsMs: readonly [number, number];
  /** Range of the last mile, one way, ms. */
  readonly accessMs: readonly [number, number];
}

/** Everybody the same distance from everybody. */
export const uniformTopology = (oneWayMs: number): TopologyOptions => ({
  regions: 1,
  providersPerRegion: 1,
  sameProviderMs: oneWayMs,
  sameRegionMs: oneWayMs,
  betweenRegionsMs: [oneWayMs, oneWayMs],
  accessMs: [0, 0],
});

const MINUTES_BETWEEN_REGIONS = 180;

const between = (random: Random, [low, high]: readonly [number, number]): number => low + random.next() * (high - low);

export class Topology {
  readonly #options: TopologyOptions;
  readonly #matrix: number[][] = [];

  constructor(options: TopologyOptions, random: Random) {
    this.#options = options;
    for (let from = 0; from < options.regions; from++) {
      this.#matrix.push([]);
      for (let to = 0; to < options.regions; to++) {
        const delay = from === to ? options.sameRegionMs : between(random, options.betweenRegionsMs);
        this.#matrix[from]!.push(to < from ? this.#matrix[to]![from]! : delay);
      }
    }
  }

  /** Somewhere, by chance. */
  place(random: Random): Place {
    return {
      region: Math.floor(random.next() * this.#options.regions),
      provider: Math.floor(random.next() * this.#options.providersPerRegion),
      accessMs: between(random, this.#options.accessMs),
    };
  }

  /** Where servers stand: the first region, no last mile. */
  dataCentre(): Place {
    return { region: 0, provider: -1, accessMs: 0 };
  }

  /** What clocks show in a region, minutes from UTC: regions lie three hours apart. */
  utcOffsetMinutes({ region }: Place): number {
    return region * MINUTES_BETWEEN_REGIONS;
  }

  /** One-way delay, ms; the same both ways. */
  latencyMs(a: Place, b: Place): number {
    const core =
      a.region === b.region && a.provider === b.provider ? this.#options.sameProviderMs : this.#matrix[a.region]![b.region]!;
    return a.accessMs + core + b.accessMs;
  }
}
