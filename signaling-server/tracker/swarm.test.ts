import { describe, expect, it } from 'vitest';
import type { PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { Swarm } from './swarm.ts';

const POSITION = { mediaMs: 0, uploads: true, links: 0, maxLinks: 4 };
const peer = (n: number): PeerId => `p${n}` as PeerId;

function swarmOf(count: number): Swarm {
  const swarm = new Swarm();
  for (let n = 0; n < count; n++) swarm.put(peer(n), POSITION);
  return swarm;
}

describe('a swarm', () => {
  it('keeps each member once, at its latest position', () => {
    const swarm = swarmOf(3);
    swarm.put(peer(1), { ...POSITION, mediaMs: 5 });
    expect(swarm.size).toBe(3);
    expect(swarm.sample(9, new SeededRandom(1)).find((member) => member.peer === peer(1))?.position.mediaMs).toBe(5);
  });

  it('survives joining and leaving in any order (seeded)', () => {
    const random = new SeededRandom('swarm');
    const swarm = new Swarm();
    const model = new Set<PeerId>();
    for (let step = 0; step < 5000; step++) {
      const who = peer(Math.floor(random.next() * 40));
      if (random.next() < 0.5) {
        swarm.put(who, POSITION);
        model.add(who);
      } else {
        swarm.remove(who);
        model.delete(who);
      }
      expect(swarm.size).toBe(model.size);
      expect(swarm.has(who)).toBe(model.has(who));
    }
    expect(swarm.sample(100, random).map((member) => member.peer).sort()).toEqual([...model].sort());
  });

  it('samples without repetition, and everybody as often as the others', () => {
    const swarm = swarmOf(50);
    const random = new SeededRandom(3);
    const counts = new Map<PeerId, number>();
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) {
      const sample = swarm.sample(10, random);
      expect(new Set(sample.map((member) => member.peer)).size).toBe(10);
      for (const member of sample) counts.set(member.peer, (counts.get(member.peer) ?? 0) + 1);
    }
    // Expected 800 each, standard deviation 25.
    for (let n = 0; n < 50; n++) expect(Math.abs((counts.get(peer(n)) ?? 0) - 800)).toBeLessThan(150);
  });
});
