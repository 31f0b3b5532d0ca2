/** Puts a chunk together: the heads of its fragments and the bytes of their samples, each copied once. */
import type { ByteFile } from './sample-places.ts';
import type { PacketSample } from './sample-times.ts';
import type { WrittenFragment } from './write-fragments.ts';

/** Bytes of a file, and where in the chunk they go. */
interface Move {
  readonly offset: number;
  readonly size: number;
  readonly to: number;
}

/** Samples this close together in the file are read in one go, with what is between them: cheaper than asking twice. */
const GAP_BYTES = 64 * 1024;
/** Most bytes read at once. A chunk of two seconds at 30 Mbit/s comes in one read. */
const READ_BYTES = 8 * 1024 * 1024;

/** Room for a chunk of so many bytes. */
export type Allocate = (bytes: number) => Uint8Array;

/** @param file has the samples that bring no bytes. @throws RangeError when it has become shorter. */
export async function gatherSamples(fragments: readonly WrittenFragment<PacketSample>[], file: ByteFile | undefined, allocate: Allocate): Promise<Uint8Array> {
  const total = fragments.reduce((sum, { head, samples }) => samples.reduce((bytes, { size }) => bytes + size, sum + head.length), 0);
  const chunk = allocate(total);
  const moves: Move[] = [];
  let to = 0;
  for (const { head, samples } of fragments) {
    chunk.set(head, to);
    to += head.length;
    for (const { data, offset, size } of samples) {
      if (data) chunk.set(data, to);
      else moves.push({ offset, size, to });
      to += size;
    }
  }
  if (file && moves.length > 0) await copyFrom(file, moves, chunk);
  return chunk;
}

async function copyFrom(file: ByteFile, moves: Move[], chunk: Uint8Array): Promise<void> {
  moves.sort((a, b) => a.offset - b.offset);
  for (let first = 0; first < moves.length; ) {
    const start = moves[first]!.offset;
    let [end, after] = [start, first];
    for (; after < moves.length; after++) {
      const { offset, size } = moves[after]!;
      if (after > first && (offset > end + GAP_BYTES || offset + size > start + READ_BYTES)) break;
      end = Math.max(end, offset + size);
    }
    const bytes = await file.read(start, end - start);
    if (bytes.length < end - start) throw new RangeError('the file has become shorter');
    for (const { offset, size, to } of moves.slice(first, after)) chunk.set(bytes.subarray(offset - start, offset - start + size), to);
    first = after;
  }
}
