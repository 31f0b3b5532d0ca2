/**
 * Two simulated machines with dialers whose signals reach each other after a while, for tests of links.
 */
import type { LinkEnd, PeerLink } from '#engine/ports';
import type { PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { BufferPool } from '../buffer-pool.ts';
import { Network, type Host } from '../network.ts';
import { PeerClock } from '../peer-clock.ts';
import { SimDialer, type Directory } from '../sim-dialer.ts';
import type { Tamper } from '../sim-link.ts';
import { Topology, uniformTopology, type NatClass } from '../topology.ts';
import { VirtualClock } from '../virtual-clock.ts';

export interface Machine {
  readonly id: PeerId;
  readonly host: Host;
  readonly clock: PeerClock;
  readonly dialer: SimDialer;
  readonly links: PeerLink[];
  readonly received: Uint8Array[];
  readonly ends: LinkEnd[];
  readonly failed: PeerId[];
  accepts: boolean;
}

export const SIGNAL_MS = 20;
export const ONE_WAY_MS = 10;
export const SET_UP_MS = 60;

export class TestPair {
  readonly clock = new VirtualClock();
  readonly network: Network;
  readonly #directory: Directory = new Map();
  readonly #machines = new Map<PeerId, Machine>();
  /** Whether signals travel. */
  carriesSignals = true;

  constructor() {
    const random = new SeededRandom('pair');
    this.network = new Network(this.clock, { topology: new Topology(uniformTopology(ONE_WAY_MS), random), packetLoss: 0, random });
  }

  add(letter: string, nat: NatClass = 'open', tamper?: Tamper): Machine {
    const host = this.network.addHost({
      upBytesPerSecond: 1e6,
      downBytesPerSecond: 1e7,
      place: { region: 0, provider: 0, accessMs: 0 },
      nat,
    });
    const id = letter.repeat(32) as PeerId;
    const clock = new PeerClock(this.clock);
    const options = { network: this.network, pool: new BufferPool(1024), windowBytes: 65_536, setUpMs: SET_UP_MS, dialTimeoutMs: 10_000, silenceMs: 6_000 };
    const dialer = new SimDialer({ id, host, clock, directory: this.#directory, options, tamper });
    const machine: Machine = { id, host, clock, dialer, links: [], received: [], ends: [], failed: [], accepts: true };
    this.#machines.set(id, machine);
    dialer.listen({
      accepts: () => machine.accepts,
      onLink: (link) => {
        machine.links.push(link);
        link.onMessage((bytes) => machine.received.push(bytes));
        link.onEnd((end) => machine.ends.push(end));
      },
      onFailed: (peer) => machine.failed.push(peer),
      onSignal: (to, signal) => {
        if (!this.carriesSignals) return;
        this.clock.after(SIGNAL_MS, () => this.#machines.get(to)?.dialer.signal(id, signal));
      },
    });
    return machine;
  }
}
