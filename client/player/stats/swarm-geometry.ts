/**
 * Where everybody stands in the picture of the swarm: you in the middle, the seeder as a square above, neighbours on an
 * arc around, in the order of their ids so that nobody moves while others come and go. Pure geometry.
 */
import type { PeerId } from '#protocol/ids';

export interface SwarmPictureInput {
  readonly neighbours: readonly {
    readonly peer: PeerId;
    readonly state: 'greeting' | 'active';
    readonly downBytesPerSecond: number;
    readonly upBytesPerSecond: number;
  }[];
  /** What comes from the seeder now. */
  readonly seederBytesPerSecond: number;
}

export interface SwarmNode {
  readonly peer: PeerId;
  readonly x: number;
  readonly y: number;
  readonly isActive: boolean;
  /** Widths of the two lines to it, 0 where nothing flows. */
  readonly downWidth: number;
  readonly upWidth: number;
}

export interface SwarmPicture {
  readonly you: { readonly x: number; readonly y: number };
  readonly seeder: { readonly x: number; readonly y: number; readonly width: number };
  readonly nodes: readonly SwarmNode[];
}

export const PICTURE_WIDTH = 360;
export const PICTURE_HEIGHT = 260;

const MIDDLE = { x: PICTURE_WIDTH / 2, y: PICTURE_HEIGHT / 2 + 4 };
const REACH = { x: PICTURE_WIDTH / 2 - 40, y: PICTURE_HEIGHT / 2 - 30 };
/** Kept free at the top, to both sides of the seeder. */
const GAP = Math.PI / 4;
const THINNEST = 1.5;
const THICKEST = 9;
/** A line grows with the root of its rate, and is full at 4 MB/s: what one link between browsers gives on a good day. */
const FULL_RATE = 4_000_000;

export function widthOf(bytesPerSecond: number): number {
  if (!(bytesPerSecond > 0)) return 0;
  return THINNEST + (THICKEST - THINNEST) * Math.min(1, Math.sqrt(bytesPerSecond / FULL_RATE));
}

export function drawSwarm({ neighbours, seederBytesPerSecond }: SwarmPictureInput): SwarmPicture {
  const sorted = [...neighbours].sort((one, other) => (one.peer < other.peer ? -1 : 1));
  const arc = 2 * Math.PI - 2 * GAP;
  const nodes = sorted.map((neighbour, at): SwarmNode => {
    // From the seeder's right hand clockwise round to its left; a lone neighbour stands opposite.
    const angle = -Math.PI / 2 + GAP + (arc * (at + 0.5)) / sorted.length;
    return {
      peer: neighbour.peer,
      x: MIDDLE.x + REACH.x * Math.cos(angle),
      y: MIDDLE.y + REACH.y * Math.sin(angle),
      isActive: neighbour.state === 'active',
      downWidth: widthOf(neighbour.downBytesPerSecond),
      upWidth: widthOf(neighbour.upBytesPerSecond),
    };
  });
  return { you: MIDDLE, seeder: { x: MIDDLE.x, y: 22, width: widthOf(seederBytesPerSecond) }, nodes };
}
