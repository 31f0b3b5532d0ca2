/**
 * Writes the samples of one chunk as several movie fragments (CMAF chunks, ISO/IEC 23000-19, section 7.3.2.3): a player
 * that gets the beginning of a chunk can then show it before the rest is there. The first is short, so that little more
 * than the keyframe stands between a viewer and the first frame. Only boxes are made here; the samples' bytes stay where
 * they are until whoever puts the chunk together copies them, once.
 */
import { FIRST_FRAGMENT_S, FRAGMENT_STEP_S } from '#protocol/fragments';
import { box, viewOf, words } from './boxes.ts';

/** A sample as a movie fragment lists it; times are in units of its track. */
export interface FragmentSample {
  readonly duration: number;
  /** Bytes. */
  readonly size: number;
  readonly flags: number;
  readonly compositionOffset: number;
}

export interface FragmentTrack<S extends FragmentSample> {
  readonly id: number;
  /** Units a second. */
  readonly timescale: number;
  readonly baseDecodeTime: bigint;
  /** In decode order. */
  readonly samples: readonly S[];
}

export interface WrittenFragment<S> {
  /** moof, and the header of the mdat. */
  readonly head: Uint8Array;
  /** What follows the head, in this order. */
  readonly samples: readonly S[];
}

export const TFHD = { baseDataOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20, baseIsMoof: 0x20000 } as const;
export const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 } as const;

/** The fragments of a chunk that has these samples, in order; each track's samples of a fragment lie together. */
export function writeFragments<S extends FragmentSample>(tracks: readonly FragmentTrack<S>[]): WrittenFragment<S>[] {
  const positions = tracks.map(() => ({ sample: 0, time: 0 }));
  const fragments: WrittenFragment<S>[] = [];
  for (let endS = FIRST_FRAGMENT_S; ; endS = endS < FRAGMENT_STEP_S ? FRAGMENT_STEP_S : endS + FRAGMENT_STEP_S) {
    const taken = tracks.map((track, index) => take(track, positions[index]!, endS)).filter(({ samples }) => samples.length > 0);
    if (taken.length > 0) fragments.push(writeFragment(taken, fragments.length + 1));
    if (tracks.every((track, index) => positions[index]!.sample === track.samples.length)) return fragments;
  }
}

/** Samples of a track that start before `endS` seconds after the chunk's start, and moves the position on. */
function take<S extends FragmentSample>(track: FragmentTrack<S>, position: { sample: number; time: number }, endS: number): FragmentTrack<S> {
  const from = position.sample;
  const baseDecodeTime = track.baseDecodeTime + BigInt(position.time);
  while (position.sample < track.samples.length && position.time < endS * track.timescale) {
    position.time += track.samples[position.sample]!.duration;
    position.sample++;
  }
  return { ...track, baseDecodeTime, samples: track.samples.slice(from, position.sample) };
}

function writeFragment<S extends FragmentSample>(tracks: readonly FragmentTrack<S>[], sequence: number): WrittenFragment<S> {
  const moofWith = (offsets: readonly number[]): Uint8Array =>
    box('moof', box('mfhd', words(0, 0, [sequence])), ...tracks.map((track, index) => writeTrack(track, offsets[index] ?? 0)));
  const moofBytes = moofWith([]).length;
  let offset = moofBytes + 8;
  const offsets = tracks.map(({ samples }) => {
    const here = offset;
    offset += samples.reduce((sum, { size }) => sum + size, 0);
    return here;
  });
  const head = new Uint8Array(moofBytes + 8);
  head.set(moofWith(offsets));
  head.set(box('mdat'), moofBytes);
  viewOf(head).setUint32(moofBytes, offset - moofBytes);
  return { head, samples: tracks.flatMap(({ samples }) => samples) };
}

function writeTrack({ id, baseDecodeTime, samples }: FragmentTrack<FragmentSample>, dataOffset: number): Uint8Array {
  const duration = common(samples, 'duration');
  const flags = common(samples, 'flags');
  const hasComposition = samples.some(({ compositionOffset }) => compositionOffset !== 0);
  const tfhdFlags = TFHD.baseIsMoof | (duration === undefined ? 0 : TFHD.duration) | (flags === undefined ? 0 : TFHD.flags);
  const tfhd = box('tfhd', words(0, tfhdFlags, [id, ...(duration === undefined ? [] : [duration]), ...(flags === undefined ? [] : [flags])]));
  const tfdt = box('tfdt', words(1, 0, [Number(baseDecodeTime >> 32n), Number(baseDecodeTime & 0xffff_ffffn)]));
  const trunFlags =
    TRUN.dataOffset | TRUN.size | (duration === undefined ? TRUN.duration : 0) | (flags === undefined ? TRUN.flags : 0) | (hasComposition ? TRUN.composition : 0);
  const fields: number[] = [samples.length, dataOffset];
  for (const sample of samples) {
    if (duration === undefined) fields.push(sample.duration);
    fields.push(sample.size);
    if (flags === undefined) fields.push(sample.flags);
    if (hasComposition) fields.push(sample.compositionOffset);
  }
  return box('traf', tfhd, tfdt, box('trun', words(1, trunFlags, fields)));
}

/** The value all samples share, if they do. */
function common(samples: readonly FragmentSample[], field: 'duration' | 'flags'): number | undefined {
  const first = samples[0]?.[field];
  return samples.every((sample) => sample[field] === first) ? first : undefined;
}
