/**
 * How a live stream is divided for push: substream `s` of `of` is the s-th of as many stretches of a chunk's pieces
 * (SPEC S-2), so that whoever feeds a substream from the seeder asks for one range a chunk.
 */

import { mix } from '../keys.ts';

/** Substreams of a stream: enough parents that none of them matters much, few enough that each is worth a message. */
export const SUBSTREAMS = 8;

/** The substream that `piece` of a chunk of `pieces` belongs to. */
export const substreamOf = (piece: number, pieces: number, of = SUBSTREAMS): number => Math.floor(((piece + 1) * of - 1) / pieces);

/**
 * Whether a peer passes this substream on to many: two of its eight, drawn by its hash; it is a leaf in the others. Trees
 * whose inner nodes differ from substream to substream are shallow and share the work evenly (SplitStream, Castro et al.,
 * 2003): with one and a half children in each of eight trees 150 viewers were twelve deep, with six in each of two, three.
 */
export const isHome = (hash: number, substream: number): boolean => mix(hash, HOME_STEP) % HOME_STEP === substream % HOME_STEP;

const HOME_STEP = SUBSTREAMS / 2;

/**
 * Chunks for which the same peers feed a substream from the seeder, as a power of two: some four minutes of 1 s chunks.
 * New feeders turn the trees over: with 64 chunks one parent in six was another in that window of 20 s.
 */
const EPOCH_BITS = 8;

/** Stands for the chunk where places in line are drawn, so that trees keep their feeders for a while. */
export const epochOf = (chunk: number): number => chunk >>> EPOCH_BITS;
