// The picture of the swarm: everybody inside the frame, nobody under the seeder, and places that do not jump about.
import { describe, expect, it } from 'vitest';
import { neighbour, snapshot } from '../testing/scripted-viewer.ts';
import { controlShare, seederRate } from './rates.ts';
import { drawSwarm, PICTURE_HEIGHT, PICTURE_WIDTH, widthOf } from './swarm-geometry.ts';

const crowd = (count: number) => Array.from({ length: count }, (_, at) => neighbour(at));

describe('drawSwarm', () => {
  it.each([1, 2, 3, 8, 12, 28])('keeps %d neighbours inside the frame and off the seeder', (count) => {
    const { nodes, seeder } = drawSwarm({ neighbours: crowd(count), seederBytesPerSecond: 0 });
    expect(nodes).toHaveLength(count);
    for (const { x, y } of nodes) {
      expect(x).toBeGreaterThan(15);
      expect(x).toBeLessThan(PICTURE_WIDTH - 15);
      expect(y).toBeGreaterThan(15);
      expect(y).toBeLessThan(PICTURE_HEIGHT - 15);
      expect(Math.hypot(x - seeder.x, y - seeder.y)).toBeGreaterThan(40);
    }
  });

  it('places by id, whatever the order of the list', () => {
    const neighbours = crowd(6);
    const one = drawSwarm({ neighbours, seederBytesPerSecond: 0 });
    expect(drawSwarm({ neighbours: [...neighbours].reverse(), seederBytesPerSecond: 0 })).toEqual(one);
  });

  it('draws wider lines for higher rates, between thin and full', () => {
    const widths = [0, 1, 50_000, 500_000, 4_000_000, 1e9].map(widthOf);
    expect(widths[0]).toBe(0);
    expect(widths[1]).toBeGreaterThan(1);
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
    expect(widths.at(-1)).toBe(widths.at(-2));
    expect(widthOf(Number.NaN)).toBe(0);
  });
});

describe('figures derived from the snapshot', () => {
  it('leaves to the seeder what neighbours do not send, never less than nothing', () => {
    const neighbours = [neighbour(0, { downBytesPerSecond: 300 }), neighbour(1, { downBytesPerSecond: 500 })];
    expect(seederRate(snapshot({ neighbours, downBytesPerSecond: 1_000 }))).toBe(200);
    expect(seederRate(snapshot({ neighbours, downBytesPerSecond: 700 }))).toBe(0);
  });

  it('gives control as a share of media in both directions', () => {
    const bytes = { fromPeers: 600, fromSeeder: 300, toPeers: 100, wasted: 50, control: 20 };
    expect(controlShare(bytes)).toBe(0.02);
    expect(controlShare({ ...bytes, fromPeers: 0, fromSeeder: 0, toPeers: 0 })).toBeNull();
  });
});
