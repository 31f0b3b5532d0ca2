/**
 * One neighbour during a pass of the scheduler: how many more pieces it may be asked for, when the next would be here,
 * and what it holds of the chunk at hand. What is asked about each piece is looked up once for the chunk, not again.
 */
import type { Bitfield } from '#protocol/bitfield';
import { PIECE_BYTES } from '#protocol/limits';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { RemoteStream } from './remote-stream.ts';

/** Most sources of a pass are asked for nothing. */
const NOTHING: number[] = [];

export class Source {
  readonly neighbour: Neighbour;
  /** Pieces of the chunk at hand that it is to be asked for. */
  asked = NOTHING;
  /** What it says of the chunk's stream. */
  remote: RemoteStream | undefined;
  readonly #roomOf: (neighbour: Neighbour) => number;
  #room: number | null = null;
  #planned = 0;
  #expectedMs: number | null = null;
  #holding: 'whole' | Bitfield | null = null;

  /** `roomOf`: how many pieces a neighbour may be asked for now. */
  constructor(neighbour: Neighbour, roomOf: (neighbour: Neighbour) => number) {
    this.neighbour = neighbour;
    this.#roomOf = roomOf;
  }

  /** Whether it may be asked for another piece. */
  get hasRoom(): boolean {
    return (this.#room ??= this.#roomOf(this.neighbour)) > 0;
  }

  /** Turns to a chunk. @returns whether the neighbour holds anything of it. */
  look(chunk: PendingChunk): boolean {
    this.remote = this.neighbour.streams.get(chunk.stream);
    this.#holding = this.remote?.holding(chunk.index) ?? null;
    return this.#holding !== null;
  }

  get holdsWhole(): boolean {
    return this.#holding === 'whole';
  }

  holds(piece: number): boolean {
    return this.#holding === 'whole' || (this.#holding?.has(piece) ?? false);
  }

  /** Milliseconds until one piece more than planned would be here. */
  get expectedMs(): number {
    return (this.#expectedMs ??= this.neighbour.expectedMs((this.#planned + 1) * PIECE_BYTES));
  }

  plan(piece: number): void {
    if (this.asked === NOTHING) this.asked = [piece];
    else this.asked.push(piece);
    this.#room = (this.#room ?? 0) - 1;
    this.#planned++;
    this.#expectedMs = null;
  }

  /** The pieces planned of the chunk at hand, which are asked for now. */
  takeAsked(): number[] {
    const { asked } = this;
    this.asked = NOTHING;
    this.#expectedMs = null;
    return asked;
  }
}
