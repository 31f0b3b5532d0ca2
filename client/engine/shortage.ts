/**
 * Whether neighbours have upload to spare, learned from what they could not bring in time: a share of every chunk then
 * comes from the seeder in any case. To fetch that share when the chunk is new, instead of when it is late, gives the
 * neighbours something to ask for and spares their uplinks what would come for nothing.
 */
import type { PendingChunk } from './pending-chunk.ts';

/** Weight of a new chunk: some ten seconds of 1 s chunks. */
const WEIGHT = 0.15;
/** A share of chunks that comes late now and then is no shortage. */
const ORDINARY = 0.1;
/** Of what was lacking so far; the rest is tried with neighbours again, so that a shortage that is over is forgotten. */
const OF_WHAT_LACKED = 0.85;

export class Shortage {
  #lacking = 0;

  /** Share of new pieces to fetch from the seeder at once, 0..1. */
  get share(): number {
    return this.#lacking < ORDINARY ? 0 : OF_WHAT_LACKED * this.#lacking;
  }

  /** A chunk is whole. */
  onComplete(chunk: PendingChunk): void {
    this.#lacking += WEIGHT * (chunk.lacked.count / chunk.pieces - this.#lacking);
  }
}
