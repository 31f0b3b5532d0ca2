import { describe, expect, it } from 'vitest';
import { LagMeter } from './lag-meter.ts';
import { StillClock } from './testing/dialer.contract.ts';

describe('a host that runs late', () => {
  const at = (lateness: readonly number[]): { meter: LagMeter; clock: StillClock } => {
    const clock = new StillClock();
    const meter = new LagMeter(clock);
    for (const ms of lateness) meter.note(clock.nowMs() - ms);
    return { meter, clock };
  };

  it('has no lag at first, nor for what is ordinary', () => {
    expect(at([]).meter.ms).toBe(0);
    expect(at([0, 40, 60]).meter.ms).toBe(0);
  });

  it('is known by the latest it was', () => {
    expect(at([10, 460, 20]).meter.ms).toBe(400);
  });

  it('is forgiven by half every two seconds', () => {
    const { meter, clock } = at([460]);
    clock.move(2_000);
    expect(meter.ms).toBe(170);
    clock.move(6_000);
    expect(meter.ms).toBe(0);
  });
});
