/**
 * Cuts the one movie fragment of a chunk into several (write-fragments.ts) where somebody else has written it: a live
 * encoder, or mediabunny. Nothing of the samples or their times changes.
 */
import { concatenate, find, viewOf, whole, type Box } from './boxes.ts';
import { readDecodeTime, type TrackHeader } from './fragment.ts';
import { TFHD, TRUN, writeFragments, type FragmentSample, type FragmentTrack } from './write-fragments.ts';

interface Sample extends FragmentSample {
  readonly bytes: Uint8Array;
}

/**
 * The same samples in several fragments; the chunk itself where there is nothing to cut.
 * @param chunk one moof and one mdat. @throws RangeError when the fragment does not hold together.
 */
export function splitFragment(chunk: Uint8Array, headers: readonly TrackHeader[]): Uint8Array {
  const fragments = writeFragments(readTracks(chunk, headers));
  return fragments.length < 2 ? chunk : concatenate(fragments.flatMap(({ head, samples }) => [head, ...samples.map(({ bytes }) => bytes)]));
}

function readTracks(chunk: Uint8Array, headers: readonly TrackHeader[]): FragmentTrack<Sample>[] {
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
