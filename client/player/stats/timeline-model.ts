/**
 * What the timeline draws, worked out from the engine's list of chunks: one row a stream, one cell a chunk, each filled
 * by where its bytes came from, and the playhead among them. Pure; places are fractions of the row, 0..1.
 */
import type { ChunkSnapshot } from '#engine/viewer-snapshot';

export type ChunkSource = 'peers' | 'seeder' | 'mixed' | 'missing' | 'dropped';

export interface TimelineCell {
  readonly index: number;
  readonly start: number;
  readonly width: number;
  readonly source: ChunkSource;
  /** Filled from the ground up with bytes of peers, then with bytes of the seeder; what is left has not come yet. */
  readonly fromPeers: number;
  readonly fromSeeder: number;
}

export interface TimelineRow {
  readonly stream: number;
  readonly cells: readonly TimelineCell[];
}

export interface Timeline {
  readonly rows: readonly TimelineRow[];
  /** Null when the playhead is outside of what is shown. */
  readonly playhead: number | null;
  readonly startUs: number;
  readonly endUs: number;
  readonly counts: Readonly<Record<ChunkSource, number>>;
}

/** More cells than this are too thin to tell apart on a phone. */
const MAX_CELLS = 90;
/** Of a long film the part ahead is shown more of: that is where something happens. */
const SHARE_BEHIND = 1 / 3;

export function sourceOf(chunk: ChunkSnapshot): ChunkSource {
  if (chunk.state === 'dropped') return 'dropped';
  if (chunk.bytesFromPeers > 0) return chunk.bytesFromSeeder > 0 ? 'mixed' : 'peers';
  return chunk.bytesFromSeeder > 0 ? 'seeder' : 'missing';
}

/** The chunks around the playhead, at most `MAX_CELLS` of one stream. */
function near(chunks: readonly ChunkSnapshot[], playheadUs: number): readonly ChunkSnapshot[] {
  if (chunks.length <= MAX_CELLS) return chunks;
  const next = chunks.findIndex((chunk) => chunk.startUs + chunk.durationUs > playheadUs);
  const playing = next === -1 ? chunks.length - 1 : next;
  const first = Math.round(playing - MAX_CELLS * SHARE_BEHIND);
  const from = Math.max(0, Math.min(first, chunks.length - MAX_CELLS));
  return chunks.slice(from, from + MAX_CELLS);
}

export function modelTimeline(chunks: readonly ChunkSnapshot[], playheadUs: number): Timeline | null {
  const streams = new Map<number, ChunkSnapshot[]>();
  for (const chunk of chunks) {
    const row = streams.get(chunk.stream);
    if (row === undefined) streams.set(chunk.stream, [chunk]);
    else row.push(chunk);
  }
  const shown = [...streams]
    .sort(([one], [other]) => one - other)
    .map(([stream, row]) => ({ stream, chunks: near(row.sort((a, b) => a.index - b.index), playheadUs) }));
  const all = shown.flatMap((row) => row.chunks);
  if (all.length === 0) return null;

  const startUs = Math.min(...all.map((chunk) => chunk.startUs));
  const endUs = Math.max(...all.map((chunk) => chunk.startUs + chunk.durationUs));
  const spanUs = Math.max(1, endUs - startUs);
  const counts: Record<ChunkSource, number> = { peers: 0, seeder: 0, mixed: 0, missing: 0, dropped: 0 };
  const rows = shown.map(({ stream, chunks: row }) => ({
    stream,
    cells: row.map((chunk): TimelineCell => {
      const source = sourceOf(chunk);
      counts[source] += 1;
      const got = chunk.bytesFromPeers + chunk.bytesFromSeeder;
      const whole = chunk.state === 'held' ? got : Math.max(chunk.bytes, got);
      const isDrawn = source !== 'dropped' && whole > 0;
      return {
        index: chunk.index,
        start: (chunk.startUs - startUs) / spanUs,
        width: chunk.durationUs / spanUs,
        source,
        fromPeers: isDrawn ? chunk.bytesFromPeers / whole : 0,
        fromSeeder: isDrawn ? chunk.bytesFromSeeder / whole : 0,
      };
    }),
  }));
  const place = (playheadUs - startUs) / spanUs;
  return { rows, playhead: place >= 0 && place <= 1 ? place : null, startUs, endUs, counts };
}
