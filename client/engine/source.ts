/**
 * One neighbour during a pass of the scheduler: how many more pieces it may be asked for, when the next would be here,
 * and what it holds of the chunk at hand. What is asked about each piece is looked up once for the chunk, not again.
 */
import type { Bitfield } from '#protocol/bitfield';
import { PIECE_BYTES } from '#protocol/limits';
import type { Neighbour } from './neighbour.ts';
import type { PendingChunk } from './pending-chunk.ts';
import type { RemoteStream } from './remote-stream.ts';

export class Source {
  readonly neighbour: Neighbour;
  /** Pieces it may still be asked for. */
  room: number;
  /** Pieces of the chunk at hand that it is to be asked for. */
  asked: number[] = [];
  /** What it says of the chunk's stream. */
  remote: RemoteStream | undefined;
  #planned = 0;
  #expectedMs: number | null = null;
  #holding: 'whole' | Bitfield | null = null;

  constructor(neighbour: Neighbour, room: number) {
    this.neighbour = neighbour;
    this.room = room;
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
    this.asked.push(piece);
    this.room--;
    this.#planned++;
    this.#expectedMs = null;
  }

  /** The pieces planned of the chunk at hand, which are asked for now. */
  takeAsked(): number[] {
    const { asked } = this;
    this.asked = [];
    this.#expectedMs = null;
    return asked;
  }
}
