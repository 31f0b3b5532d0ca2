/** What this peer has moved so far, each verified byte once. Neighbours that left keep their control bytes here. */
import type { Neighbour } from './neighbour.ts';
import type { Clock } from './ports.ts';
import { RateMeter } from './rate-meter.ts';
import type { ByteTotals } from './viewer-snapshot.ts';

export class Tally {
  readonly #clock: Clock;
  readonly downRate = new RateMeter();
  readonly upRate = new RateMeter();
  wasted = 0;
  #fromPeers = 0;
  #fromSeeder = 0;
  #toPeers = 0;
  #controlOfGone = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A piece of so many bytes was stored. */
  onVerified(source: 'peer' | 'seeder', bytes: number): void {
    if (source === 'peer') this.#fromPeers += bytes;
    else this.#fromSeeder += bytes;
    this.downRate.add(bytes, this.#clock.nowMs());
  }

  onSent(bytes: number): void {
    this.#toPeers += bytes;
    this.upRate.add(bytes, this.#clock.nowMs());
  }

  /** Bytes that may still be sent until this peer has given `ratio` times what it took and `burst` bytes more. */
  allowance(ratio: number, burst: number): number {
    return ratio * (this.#fromPeers + this.#fromSeeder) + burst - this.#toPeers;
  }

  onNeighbourGone(neighbour: Neighbour): void {
    this.#controlOfGone += neighbour.controlBytes;
  }

  totals(neighbours: Iterable<Neighbour>): ByteTotals {
    let control = this.#controlOfGone;
    for (const neighbour of neighbours) control += neighbour.controlBytes;
    return { fromPeers: this.#fromPeers, fromSeeder: this.#fromSeeder, toPeers: this.#toPeers, wasted: this.wasted, control };
  }
}
