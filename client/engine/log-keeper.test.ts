import { describe, expect, it } from 'vitest';
import { Film, LoneEngine } from './testing/lone-engine.ts';

const ALL = Array.from({ length: 100 }, (_, index) => index);

describe('records of a place far ahead', () => {
  it('are asked of a neighbour at once when the seeder is dead', async () => {
    const lone = new LoneEngine({ film: new Film(100) });
    // Everything but the three chunks that the playhead will wait for.
    lone.engine.offerEntries([...lone.film.entries.slice(0, 50), ...lone.film.entries.slice(53)]);
    lone.engine.setPlayhead({ mediaUs: 0, rate: 0, hasStarted: true });
    lone.engine.start();
    lone.isSeederDead = true;
    const neighbour = lone.meet(9, ALL);
    lone.engine.setPlayhead({ mediaUs: 100_000_000, rate: 1, hasStarted: true });
    lone.clock.advance(20);
    await Promise.resolve();
    lone.clock.advance(80);
    expect(neighbour.of('getRecords').some(({ first, count }) => first <= 50 && first + count > 50)).toBe(true);
  });
});
