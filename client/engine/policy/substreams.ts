/**
 * How a live stream is divided for push: substream `s` of `of` is the s-th of as many stretches of a chunk's pieces
 * (SPEC S-2), so that whoever feeds a substream from the seeder asks for one range a chunk.
 */

/** Substreams of a stream: enough parents that none of them matters much, few enough that each is worth a message. */
export const SUBSTREAMS = 8;

/** The substream that `piece` of a chunk of `pieces` belongs to. */
export const substreamOf = (piece: number, pieces: number, of = SUBSTREAMS): number => Math.floor(((piece + 1) * of - 1) / pieces);

/** Chunks for which the same peers feed a substream from the seeder, as a power of two: about a minute of 1 s chunks. */
const EPOCH_BITS = 6;

/** Stands for the chunk where places in line are drawn, so that trees keep their roots for a while. */
export const epochOf = (chunk: number): number => chunk >>> EPOCH_BITS;
