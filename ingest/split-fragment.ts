/**
 * Cuts the one movie fragment of a chunk into several (CMAF chunks, ISO/IEC 23000-19, section 7.3.2.3): a player that
 * gets the beginning of a chunk can then show it before the rest is there. The first is short, so that little more than
 * the keyframe stands between a viewer and the first frame; nothing of the samples or their times changes.
 */
import { box, concatenate, find, viewOf, whole, words, type Box } from './boxes.ts';
import { readDecodeTime, type TrackHeader } from './fragment.ts';

/** Where the first and the following fragments end, seconds: a few frames, then steps of half a second. */
const FIRST_S = 0.1;
const STEP_S = 0.5;

interface Sample {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
  readonly compositionOffset: number;
  readonly bytes: Uint8Array;
}

interface Track {
  readonly id: number;
  readonly timescale: number;
  readonly baseDecodeTime: bigint;
  readonly samples: readonly Sample[];
}

const TFHD = { baseDataOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20, baseIsMoof: 0x20000 } as const;
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 } as const;

/**
 * The same samples in several fragments; the chunk itself where there is nothing to cut.
 * @param chunk one moof and one mdat. @throws RangeError when the fragment does not hold together.
 */
export function splitFragment(chunk: Uint8Array, headers: readonly TrackHeader[]): Uint8Array {
  const tracks = readTracks(chunk, headers);
  const positions = tracks.map(() => ({ sample: 0, time: 0 }));
  const parts: Uint8Array[] = [];
  let fragments = 0;
  for (let endS = FIRST_S; ; endS = endS < STEP_S ? STEP_S : endS + STEP_S) {
    const taken = tracks.map((track, index) => take(track, positions[index]!, endS));
    if (taken.some((track) => track.samples.length > 0)) parts.push(...fragmentParts(taken, ++fragments));
    if (tracks.every((track, index) => positions[index]!.sample === track.samples.length)) break;
  }
  return fragments < 2 ? chunk : concatenate(parts);
}

/** Samples of a track that start before `endS` seconds after the fragment's start, and moves the position on. */
function take(track: Track, position: { sample: number; time: number }, endS: number): Track {
  const from = position.sample;
  const baseDecodeTime = track.baseDecodeTime + BigInt(position.time);
  while (position.sample < track.samples.length && position.time < endS * track.timescale) {
    position.time += track.samples[position.sample]!.duration;
    position.sample++;
  }
  return { ...track, baseDecodeTime, samples: track.samples.slice(from, position.sample) };
}

function readTracks(chunk: Uint8Array, headers: readonly TrackHeader[]): Track[] {
  const view = viewOf(chunk);
  const [moof] = find(view, whole(chunk), ['moof']);
  if (!moof) throw new RangeError('no movie fragment');
  return [...find(view, moof, ['traf'])].map((traf) => {
    const [tfhd] = find(view, traf, ['tfhd']);
    const [tfdt] = find(view, traf, ['tfdt']);
    if (!tfhd || !tfdt) throw new RangeError('a track fragment without a header');
    const id = view.getUint32(tfhd.start + 4);
    const timescale = headers.find((header) => header.id === id)?.timescale;
    if (!timescale) throw new RangeError('a fragment of a track that is not declared');
    const samples = readSamples(chunk, traf, tfhd, moof.start - 8);
    return { id, timescale, baseDecodeTime: readDecodeTime(view, tfdt), samples };
  });
}

function readSamples(chunk: Uint8Array, traf: Box, tfhd: Box, moofAt: number): Sample[] {
  const view = viewOf(chunk);
  const flags = view.getUint32(tfhd.start) & 0xffffff;
  let at = tfhd.start + 8;
  const next = (isThere: number, width = 4): number => {
    if (!isThere) return 0;
    const value = width === 8 ? Number(view.getBigUint64(at)) : view.getUint32(at);
    at += width;
    return value;
  };
  const base = flags & TFHD.baseDataOffset ? next(1, 8) : moofAt;
  next(flags & TFHD.description);
  const defaults = { duration: next(flags & TFHD.duration), size: next(flags & TFHD.size), flags: next(flags & TFHD.flags) };
  const samples: Sample[] = [];
  let dataAt = base;
  for (const trun of find(view, traf, ['trun'])) {
    const has = view.getUint32(trun.start) & 0xffffff;
    const count = view.getUint32(trun.start + 4);
    at = trun.start + 8;
    if (has & TRUN.dataOffset) dataAt = base + (next(1) | 0);
    const firstFlags = has & TRUN.firstFlags ? next(1) : undefined;
    for (let index = 0; index < count; index++) {
      const duration = has & TRUN.duration ? next(1) : defaults.duration;
      const size = has & TRUN.size ? next(1) : defaults.size;
      const own = has & TRUN.flags ? next(1) : defaults.flags;
      const compositionOffset = next(has & TRUN.composition) | 0;
      if (dataAt < 0 || dataAt + size > chunk.length) throw new RangeError('a sample lies outside the chunk');
      const bytes = chunk.subarray(dataAt, dataAt + size);
      samples.push({ duration, size, flags: index === 0 ? (firstFlags ?? own) : own, compositionOffset, bytes });
      dataAt += size;
    }
  }
  return samples;
}

/** moof and mdat as parts to be put end to end; each track's samples lie together, in the tracks' order. */
function fragmentParts(tracks: readonly Track[], sequence: number): Uint8Array[] {
  const used = tracks.filter((track) => track.samples.length > 0);
  const moofWith = (offsets: readonly number[]): Uint8Array =>
    box('moof', box('mfhd', words(0, 0, [sequence])), ...used.map((track, index) => writeTrack(track, offsets[index] ?? 0)));
  const moofBytes = moofWith([]).length;
  let offset = moofBytes + 8;
  const offsets = used.map((track) => {
    const here = offset;
    offset += track.samples.reduce((sum, sample) => sum + sample.size, 0);
    return here;
  });
  const data = used.flatMap((track) => track.samples.map((sample) => sample.bytes));
  const mdat = box('mdat');
  viewOf(mdat).setUint32(0, offset - moofBytes);
  return [moofWith(offsets), mdat, ...data];
}

function writeTrack({ id, baseDecodeTime, samples }: Track, dataOffset: number): Uint8Array {
  const duration = common(samples.map((sample) => sample.duration));
  const flags = common(samples.map((sample) => sample.flags));
  const hasComposition = samples.some((sample) => sample.compositionOffset !== 0);
  const tfhdFlags = TFHD.baseIsMoof | (duration === undefined ? 0 : TFHD.duration) | (flags === undefined ? 0 : TFHD.flags);
  const tfhd = box('tfhd', words(0, tfhdFlags, [id, ...(duration === undefined ? [] : [duration]), ...(flags === undefined ? [] : [flags])]));
  const tfdt = box('tfdt', words(1, 0, [Number(baseDecodeTime >> 32n), Number(baseDecodeTime & 0xffff_ffffn)]));
  const trunFlags =
    TRUN.dataOffset | TRUN.size | (duration === undefined ? TRUN.duration : 0) | (flags === undefined ? TRUN.flags : 0) | (hasComposition ? TRUN.composition : 0);
  const fields = samples.flatMap((sample) => [
    ...(duration === undefined ? [sample.duration] : []),
    sample.size,
    ...(flags === undefined ? [sample.flags] : []),
    ...(hasComposition ? [sample.compositionOffset] : []),
  ]);
  return box('traf', tfhd, tfdt, box('trun', words(1, trunFlags, [samples.length, dataOffset, ...fields])));
}

/** The value all share, if they do. */
const common = (values: readonly number[]): number | undefined => (values.every((value) => value === values[0]) ? values[0] : undefined);
