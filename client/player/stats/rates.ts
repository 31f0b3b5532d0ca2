/** Figures that the panel derives from the engine's snapshot. */
import type { ByteTotals, ViewerSnapshot } from '#engine/viewer-snapshot';

/** What the seeder sends now, bytes a second: all that comes in, less what neighbours send. */
export function seederRate(snapshot: Pick<ViewerSnapshot, 'downBytesPerSecond' | 'neighbours'>): number {
  const fromPeers = snapshot.neighbours.reduce((sum, neighbour) => sum + neighbour.downBytesPerSecond, 0);
  return Math.max(0, snapshot.downBytesPerSecond - fromPeers);
}

/** Control bytes over media bytes, both directions; null before the first media byte. */
export function controlShare({ control, fromPeers, fromSeeder, toPeers }: ByteTotals): number | null {
  const media = fromPeers + fromSeeder + toPeers;
  return media > 0 ? control / media : null;
}
