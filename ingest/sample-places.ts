/**
 * Where in an MP4 or MOV file the bytes of its samples lie (ISO/IEC 14496-12, section 8.7). With it packaging reads what
 * a chunk needs in one go and copies it once, instead of sample by sample. Only the plain case is taken: a file whose
 * index is in one piece, tracks with one sample description, nothing encrypted; mediabunny reads everything else.
 */
import { boxes, find, viewOf, whole, type Box } from './boxes.ts';

/** A file's bytes, wherever it lies. It is read by one at a time. */
export interface ByteFile {
  /** Bytes. */
  readonly size: number;
  /** So many bytes from `offset` on, fewer only at the end of the file. They are the file's own, and stand until the next read. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface SamplePlaces {
  /** By sample, in decode order. */
  readonly offsets: Float64Array;
  readonly sizes: Uint32Array;
}

/** Index of a film of two days; a larger one is left to mediabunny. */
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
/** Samples of a track: two days with ninety a second. */
const MAX_SAMPLES = 16 * 1024 * 1024;
/** Boxes before and behind the index; more than a handful is no plain file. */
const MAX_TOP_BOXES = 64;

/** The places of all samples of each track by its id; undefined where the file is not of the plain kind, or not whole. */
export async function readSamplePlaces(file: ByteFile): Promise<ReadonlyMap<number, SamplePlaces> | undefined> {
  const moov = await readIndex(file);
  if (!moov) return undefined;
  const view = viewOf(moov);
  const places = new Map<number, SamplePlaces>();
  try {
    for (const box of boxes(view, whole(moov))) {
      // Movie fragments: the samples are not listed here.
      if (box.type === 'mvex') return undefined;
      if (box.type !== 'trak') continue;
      const [tkhd] = find(view, box, ['tkhd']);
      const [table] = find(view, box, ['mdia', 'minf', 'stbl']);
      const found = tkhd && table && readTable(view, table);
      if (!found) continue;
      if (found.offsets.some((offset, sample) => offset + found.sizes[sample]! > file.size)) return undefined;
      places.set(view.getUint32(tkhd.start + (view.getUint8(tkhd.start) === 1 ? 20 : 12)), found);
    }
  } catch (error) {
    // Tables that do not hold together are mediabunny's to judge.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return places;
}

/** The inside of the moov box; undefined where there is none, or one that is too large. */
async function readIndex(file: ByteFile): Promise<Uint8Array | undefined> {
  for (let at = 0, count = 0; count < MAX_TOP_BOXES; count++) {
    const header = await file.read(at, 16);
    if (header.length < 16) return undefined;
    const view = viewOf(header);
    const short = view.getUint32(0);
    const size = short === 1 ? Number(view.getBigUint64(8)) : short;
    const start = short === 1 ? 16 : 8;
    // Zero: the box reaches to the end of the file.
    if (size < start) return undefined;
    if (view.getUint32(4) === 0x6d6f6f76 /* moov */) {
      if (size > MAX_INDEX_BYTES) return undefined;
      const bytes = await file.read(at + start, size - start);
      return bytes.length === size - start ? bytes : undefined;
    }
    at += size;
  }
  return undefined;
}

/** Undefined where the table is not of the plain kind. @throws RangeError where it does not hold together. */
function readTable(view: DataView, table: Box): SamplePlaces | undefined {
  const parts = new Map([...boxes(view, table)].map((box) => [box.type, box]));
  const [stsd, stsz, stsc] = [parts.get('stsd'), parts.get('stsz'), parts.get('stsc')];
  const large = parts.get('co64');
  const chunks = large ?? parts.get('stco');
  if (!stsd || !stsz || !stsc || !chunks || isEncrypted(view, stsd)) return undefined;
  const sizes = readSizes(view, stsz);
  const offsets = new Float64Array(sizes.length);
  const chunkCount = view.getUint32(chunks.start + 4);
  const runs = view.getUint32(stsc.start + 4);
  let sample = 0;
  for (let run = 0; run < runs; run++) {
    const at = stsc.start + 8 + 12 * run;
    const [first, perChunk, description] = [view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8)];
    if (description !== 1) return undefined;
    const end = run + 1 < runs ? view.getUint32(at + 12) : chunkCount + 1;
    for (let chunk = first; chunk < end; chunk++) {
      let offset = large ? Number(view.getBigUint64(chunks.start + 8 * chunk)) : view.getUint32(chunks.start + 4 + 4 * chunk);
      for (let left = Math.min(perChunk, sizes.length - sample); left > 0; left--) {
        offsets[sample] = offset;
        offset += sizes[sample++]!;
      }
    }
  }
  return sample === sizes.length ? { offsets, sizes } : undefined;
}

function readSizes(view: DataView, stsz: Box): Uint32Array {
  const [common, count] = [view.getUint32(stsz.start + 4), view.getUint32(stsz.start + 8)];
  // A count is somebody's word: what it asks for must be there before anything of that size is made.
  if (common === 0 && stsz.start + 12 + 4 * count > stsz.end) throw new RangeError('a table runs past its box');
  if (count > MAX_SAMPLES) throw new RangeError('a table of too many samples');
  const sizes = new Uint32Array(count);
  if (common !== 0) return sizes.fill(common);
  for (let sample = 0; sample < count; sample++) sizes[sample] = view.getUint32(stsz.start + 12 + 4 * sample);
  return sizes;
}

/** Whether the first sample description is one of a protected track (ISO/IEC 14496-12, section 8.12), or not alone. */
function isEncrypted(view: DataView, stsd: Box): boolean {
  if (view.getUint32(stsd.start + 4) !== 1) return true;
  const [description] = boxes(view, { start: stsd.start + 8, end: stsd.end });
  return !description || description.type === 'encv' || description.type === 'enca';
}
