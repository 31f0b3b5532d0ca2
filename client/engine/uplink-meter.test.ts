import { describe, expect, it } from 'vitest';
import { PIECE_BYTES } from '#protocol/limits';
import { UplinkMeter } from './uplink-meter.ts';

/** Hands pieces to an uplink of that speed for so long, as often as the meter lets it, and lets the meter look every 20 ms. */
function feed(meter: UplinkMeter, bytesPerSecond: number, ms: number, from = 0): number {
  let backlog = 0;
  for (let nowMs = from; nowMs < from + ms; nowMs += 20) {
    backlog = Math.max(0, backlog - bytesPerSecond / 50);
    meter.note(nowMs, backlog, true);
    while (backlog + PIECE_BYTES <= Math.max(PIECE_BYTES, meter.limitBytes(0))) {
      meter.onHanded(PIECE_BYTES, nowMs);
      backlog += PIECE_BYTES;
    }
  }
  return from + ms;
}

describe('UplinkMeter', () => {
  it.each([40_000, 62_500, 625_000, 6_000_000])('finds out an uplink of %d bytes a second within a quarter', (speed) => {
    const meter = new UplinkMeter();
    expect(meter.bytesPerSecond).toBeNull();
    feed(meter, speed, 10_000);
    expect(meter.bytesPerSecond! / speed).toBeGreaterThan(0.75);
    expect(meter.bytesPerSecond! / speed).toBeLessThan(1.25);
  });

  it('follows an uplink that is halved, and one that is doubled', () => {
    const meter = new UplinkMeter();
    const halvedAt = feed(meter, 600_000, 5_000);
    const doubledAt = feed(meter, 300_000, 10_000, halvedAt);
    expect(meter.bytesPerSecond! / 300_000).toBeCloseTo(1, 0);
    expect(meter.limitBytes(0)).toBeLessThan(3 * PIECE_BYTES);
    feed(meter, 600_000, 10_000, doubledAt);
    expect(meter.bytesPerSecond! / 600_000).toBeGreaterThan(0.75);
  });

  it('takes no messages for media: an uplink that is not used is not slow', () => {
    const meter = new UplinkMeter();
    feed(meter, 600_000, 5_000);
    const known = meter.bytesPerSecond!;
    for (let nowMs = 5_000; nowMs < 15_000; nowMs += 100) meter.note(nowMs, 200, false);
    expect(meter.bytesPerSecond).toBe(known);
  });

  it('lets links hold two pieces at least, and more on a host whose timers are late', () => {
    const meter = new UplinkMeter();
    feed(meter, 40_000, 5_000);
    expect(meter.limitBytes(0)).toBe(2 * PIECE_BYTES);
    feed(meter, 6_000_000, 20_000, 5_000);
    expect(meter.limitBytes(1_000)).toBeGreaterThan(10 * meter.limitBytes(0));
  });
});
