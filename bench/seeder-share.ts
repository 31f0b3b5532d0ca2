/**
 * Where the seeder's bytes went: which viewer took how much of each chunk from the seeder, and when it asked. One copy
 * of what was watched is the floor; everything above it is explained here, chunk by chunk.
 */
import type { ViewerSnapshot } from '#engine/viewer-snapshot';
import { originCopies } from '#protocol/metrics';
import type { ChunkRecord } from '#protocol/record';
import type { ChunkRequest } from './audience.ts';

export interface ViewerTake {
  readonly viewer: string;
  readonly snapshot: ViewerSnapshot;
  readonly requests: readonly ChunkRequest[];
}

export interface ChunkShare {
  readonly index: number;
  readonly bytes: number;
  /** Bytes of it that viewers verified and had from the seeder, over its length. */
  readonly copies: number;
  readonly takers: readonly {
    readonly viewer: string;
    readonly bytes: number;
    readonly asked: readonly { readonly atMs: number; readonly range: string | null }[];
  }[];
}

export interface SeederShare {
  readonly seederBytes: number;
  readonly oneCopyBytes: number;
  readonly originCopies: number | null;
  /** Of the chunks below, what viewers verified from the seeder. The rest was sent and not used: asked for twice, or given up half-way. */
  readonly verifiedBytes: number;
  readonly unusedBytes: number;
  readonly chunks: readonly ChunkShare[];
}

/** Chunks that any of the viewers had, from the timeline of its snapshot. */
export function watchedChunks(takes: readonly ViewerTake[]): Set<number> {
  const had = takes.flatMap(({ snapshot }) => snapshot.timeline.filter(({ state }) => state === 'held' || state === 'dropped'));
  return new Set(had.map(({ index }) => index));
}

export function shareSeeder(seederBytes: number, records: readonly ChunkRecord[], takes: readonly ViewerTake[]): SeederShare {
  const chunks = records.map(({ index, bytes }): ChunkShare => {
    const takers = takes.flatMap(({ viewer, snapshot, requests }) => {
      const taken = snapshot.timeline.find((chunk) => chunk.index === index)?.bytesFromSeeder ?? 0;
      const asked = requests.filter((request) => request.index === index).map(({ atMs, range }) => ({ atMs, range }));
      return taken === 0 && asked.length === 0 ? [] : [{ viewer, bytes: taken, asked }];
    });
    return { index, bytes, copies: takers.reduce((sum, taker) => sum + taker.bytes, 0) / bytes, takers };
  });
  const oneCopyBytes = records.reduce((sum, { bytes }) => sum + bytes, 0);
  const verifiedBytes = chunks.reduce((sum, { copies, bytes }) => sum + copies * bytes, 0);
  return {
    seederBytes,
    oneCopyBytes,
    originCopies: originCopies(seederBytes, oneCopyBytes),
    verifiedBytes,
    unusedBytes: seederBytes - verifiedBytes,
    chunks,
  };
}

/** One line for each chunk that cost more than one copy, and one for bytes that nobody used. */
export function explainExcess({ chunks, unusedBytes, oneCopyBytes }: SeederShare): string[] {
  const lines = chunks
    .filter(({ copies, bytes, takers }) => copies > 1.005 || askedBytes(takers, bytes) > 1.005 * bytes)
    .map(({ index, bytes, copies, takers }) => {
      const who = takers.map(({ viewer, bytes: taken, asked }) => {
        const when = asked.map(({ atMs, range }) => `${(atMs / 1000).toFixed(2)} s${range === null ? '' : ` ${range.replace('bytes=', '')}`}`);
        return `${viewer} ${kilobytes(taken)} (${when.join(', ')})`;
      });
      return `chunk ${index}, ${kilobytes(bytes)}, ${copies.toFixed(2)} copies: ${who.join('; ')}`;
    });
  const unused = (unusedBytes / oneCopyBytes).toFixed(3);
  return [...lines, `sent by the seeder and not used: ${kilobytes(unusedBytes)}, ${unused} copies`];
}

function askedBytes(takers: ChunkShare['takers'], bytes: number): number {
  const lengths = takers.flatMap(({ asked }) =>
    asked.map(({ range }) => {
      const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
      if (match === null) return bytes;
      return (match[2] === '' ? bytes : Number(match[2]) + 1) - Number(match[1]);
    }),
  );
  return lengths.reduce((sum, length) => sum + length, 0);
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
