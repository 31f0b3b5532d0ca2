/** How a film's small pictures for the seek bar lie in their sheet, whoever draws it. Policy only. */

/** Pictures of one film: one for each hundredth of the seek bar, and a sheet of some 200 kB. */
const MOST = 100;
const COLUMNS = 10;
/** Longer side of a picture, pixels: what media-chrome shows beside the seek bar. */
const SIDE = 160;

export interface SheetLayout {
  /** Chunks from one picture to the next. */
  readonly every: number;
  /** Indexes of the chunks that are shown, each as it begins. */
  readonly chunks: readonly number[];
  readonly columns: number;
  readonly rows: number;
  /** Of one picture, pixels. */
  readonly width: number;
  readonly height: number;
}

export function layOutSheet(film: { readonly width: number; readonly height: number }, chunkCount: number): SheetLayout {
  const every = Math.max(1, Math.ceil(chunkCount / MOST));
  const count = Math.ceil(chunkCount / every);
  const columns = Math.min(COLUMNS, count);
  return { every, chunks: Array.from({ length: count }, (_, at) => at * every), columns, rows: Math.ceil(count / columns), ...sizeWithin(film) };
}

/** The picture as it is shown, within a square, even numbers of pixels. */
export function sizeWithin({ width, height }: { readonly width: number; readonly height: number }): { width: number; height: number } {
  const scale = SIDE / Math.max(width, height);
  const even = (pixels: number): number => Math.max(2, 2 * Math.round((pixels * scale) / 2));
  return { width: even(width), height: even(height) };
}
