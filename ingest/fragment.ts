/**
 * Reads and moves fragments of fragmented MP4 (ISO/IEC 14496-12): which tracks an initialisation section declares, when
 * each track of a fragment starts and how long it lasts, and the same fragment at a later time. A live loop plays one
 * file again and again; only decode times (tfdt) and the sequence number (mfhd) differ from round to round.
 */

import { find, viewOf, whole, type Box } from './boxes.ts';

/** A track of an initialisation section. `timescale`: units a second of its decode times. */
export interface TrackHeader {
  readonly id: number;
  readonly timescale: number;
  readonly isVideo: boolean;
}

/** A track's part of a fragment, in units of its timescale. */
export interface TrackFragment {
  readonly id: number;
  readonly baseDecodeTime: bigint;
  readonly duration: number;
  readonly samples: number;
}

/** 'vide' */
const VIDEO_HANDLER = 0x76696465;
const TFHD_DEFAULT_DURATION = 0x08;
const TRUN_DATA_OFFSET = 0x001;
const TRUN_FIRST_FLAGS = 0x004;
const TRUN_DURATIONS = 0x100;
const TRUN_OPTIONAL_FIELDS = [TRUN_DURATIONS, 0x200, 0x400, 0x800];

/** tkhd and mdhd: where the fields after the two dates begin, by version. */
const afterDates = (view: DataView, box: Box): number => box.start + (view.getUint8(box.start) === 1 ? 20 : 12);

/** The tracks an initialisation section declares, in its order. */
export function readTracks(init: Uint8Array): TrackHeader[] {
  const view = viewOf(init);
  return [...find(view, whole(init), ['moov', 'trak'])].map((trak) => {
    const [tkhd] = find(view, trak, ['tkhd']);
    const [mdhd] = find(view, trak, ['mdia', 'mdhd']);
    const [hdlr] = find(view, trak, ['mdia', 'hdlr']);
    if (!tkhd || !mdhd) throw new RangeError('a track without a header');
    return { id: view.getUint32(afterDates(view, tkhd)), timescale: view.getUint32(afterDates(view, mdhd)), isVideo: hdlr !== undefined && view.getUint32(hdlr.start + 8) === VIDEO_HANDLER };
  });
}

/**
 * Clears creation and modification times in place: the same file then gives the same header, and with it the same
 * package and channel, whenever it is packaged. Zero is the start of 1904, which players do not look at.
 */
export function clearDates(init: Uint8Array): void {
  const view = viewOf(init);
  const headers = [
    ...find(view, whole(init), ['moov', 'mvhd']),
    ...find(view, whole(init), ['moov', 'trak', 'tkhd']),
    ...find(view, whole(init), ['moov', 'trak', 'mdia', 'mdhd']),
  ];
  for (const header of headers) init.fill(0, header.start + 4, afterDates(view, header));
}

/** Every track fragment of a chunk, in order. */
export function readTrackFragments(chunk: Uint8Array): TrackFragment[] {
  const view = viewOf(chunk);
  return [...find(view, whole(chunk), ['moof', 'traf'])].map((traf) => {
    const [tfhd] = find(view, traf, ['tfhd']);
    const [tfdt] = find(view, traf, ['tfdt']);
    if (!tfhd || !tfdt) throw new RangeError('a track fragment without a header');
    let [duration, samples] = [0, 0];
    const defaultDuration = readDefaultDuration(view, tfhd);
    for (const trun of find(view, traf, ['trun'])) {
      samples += view.getUint32(trun.start + 4);
      duration += runDuration(view, trun, defaultDuration);
    }
    return { id: view.getUint32(tfhd.start + 4), baseDecodeTime: readDecodeTime(view, tfdt), duration, samples };
  });
}

function readDefaultDuration(view: DataView, tfhd: Box): number {
  const flags = view.getUint32(tfhd.start) & 0xffffff;
  // base-data-offset (8 bytes) and sample-description-index (4 bytes) come first, where present.
  const at = tfhd.start + 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
  return flags & TFHD_DEFAULT_DURATION ? view.getUint32(at) : 0;
}

function runDuration(view: DataView, trun: Box, defaultDuration: number): number {
  const flags = view.getUint32(trun.start) & 0xffffff;
  const samples = view.getUint32(trun.start + 4);
  if (!(flags & TRUN_DURATIONS)) return samples * defaultDuration;
  const stride = 4 * TRUN_OPTIONAL_FIELDS.filter((field) => flags & field).length;
  let at = trun.start + 8 + (flags & TRUN_DATA_OFFSET ? 4 : 0) + (flags & TRUN_FIRST_FLAGS ? 4 : 0);
  let total = 0;
  for (let sample = 0; sample < samples; sample++, at += stride) total += view.getUint32(at);
  return total;
}

/** Time of a track fragment's first sample, in units of the track's timescale. */
export const readDecodeTime = (view: DataView, tfdt: Box): bigint =>
  view.getUint8(tfdt.start) === 1 ? view.getBigUint64(tfdt.start + 4) : BigInt(view.getUint32(tfdt.start + 4));

/** Microseconds in units of a timescale, rounded once from the whole sum so that nothing drifts. */
export function unitsOf(us: number, timescale: number): bigint {
  return (BigInt(us) * BigInt(timescale) + 500_000n) / 1_000_000n;
}

/** Numbers set apart for the fragments of one chunk; their order is all that counts. */
const FRAGMENTS_A_CHUNK = 256;

/**
 * A copy of the chunk that starts `offsetUs` later on every track (earlier where it is negative, but never before zero) and whose fragments are numbered after `sequence`.
 * @throws RangeError when the chunk has no movie fragment, or short decode times that cannot hold the new value.
 */
export function shiftFragment(chunk: Uint8Array, tracks: readonly TrackHeader[], offsetUs: number, sequence: number): Uint8Array {
  // Not slice(): that of a Buffer is no copy.
  const copy = new Uint8Array(chunk);
  const view = viewOf(copy);
  const moofs = [...find(view, whole(copy), ['moof'])];
  if (moofs.length === 0) throw new RangeError('no movie fragment');
  for (const [part, moof] of moofs.entries()) {
    const [mfhd] = find(view, moof, ['mfhd']);
    if (mfhd) view.setUint32(mfhd.start + 4, (sequence * FRAGMENTS_A_CHUNK + part) >>> 0);
  }
  for (const traf of find(view, whole(copy), ['moof', 'traf'])) {
    const [tfhd] = find(view, traf, ['tfhd']);
    const [tfdt] = find(view, traf, ['tfdt']);
    const track = tfhd && tracks.find((one) => one.id === view.getUint32(tfhd.start + 4));
    if (!tfdt || !track) throw new RangeError('a track fragment without a header');
    const moved = readDecodeTime(view, tfdt) + unitsOf(offsetUs, track.timescale);
    const time = moved < 0n ? 0n : moved;
    if (view.getUint8(tfdt.start) === 1) view.setBigUint64(tfdt.start + 4, time);
    else if (time <= 0xffff_ffffn) view.setUint32(tfdt.start + 4, Number(time));
    else throw new RangeError('decode time does not fit 32 bits');
  }
  return copy;
}
