/**
 * How large a live picture is: as large as what is captured, up to the first of these, and a step smaller each time the
 * machine proves too slow for it. Never larger again: what was too much will be too much again, and each change costs
 * viewers a seam. Policy only.
 */
export interface Picture {
  /** Pixels, of the longer and the shorter side whichever way the picture stands. */
  readonly longSide: number;
  readonly shortSide: number;
  readonly frameRate: number;
}

/** The largest is what a home's uplink carries with room for copies, and a phone's encoder manages. */
export const PICTURES: readonly [Picture, ...Picture[]] = [
  { longSide: 1280, shortSide: 720, frameRate: 30 },
  { longSide: 960, shortSide: 540, frameRate: 30 },
  { longSide: 640, shortSide: 360, frameRate: 24 },
  { longSide: 426, shortSide: 240, frameRate: 15 },
];

/** Fewer pictures than this share show as stutter. */
const ENOUGH = 0.85;
/** Fragments in a row that must be too poor: one may be somebody opening another program. */
const IN_A_ROW = 3;

/** Whether the machine is too slow. @param reached shares of pictures that were encoded, newest last */
export const isTooMuch = (reached: readonly number[]): boolean => reached.length >= IN_A_ROW && reached.slice(-IN_A_ROW).every((share) => share < ENOUGH);

/** The size of a captured picture within a bound: same shape, even sides, never larger than it is. Pixels. */
export function fitInto({ longSide, shortSide }: Picture, width: number, height: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, longSide / Math.max(width, height), shortSide / Math.min(width, height));
  const even = (length: number): number => Math.max(2, 2 * Math.round((length * scale) / 2));
  return { width: even(width), height: even(height) };
}
