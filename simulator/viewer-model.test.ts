import { chunkIndex } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';
import { describe, expect, it } from 'vitest';
import { simHasher, simSigner } from './sim-hasher.ts';
import { SyntheticChannel } from './synthetic-channel.ts';
import { ScriptedEngine } from './testing/scripted-engine.ts';
import type { Stretch } from './trace.ts';
import { ViewerModel } from './viewer-model.ts';
import { VirtualClock } from './virtual-clock.ts';

function watch(kind: 'vod' | 'live', chunks: number, stretches: readonly Stretch[] | null = null): { clock: VirtualClock; engine: ScriptedEngine; viewer: ViewerModel; finished: () => boolean } {
  const clock = new VirtualClock();
  const channel = new SyntheticChannel(
    { kind, chunkSeconds: 2, bitsPerSecond: 1e5, variation: 0, chunks, firstOnAirMs: 0 },
    simSigner('channel'),
    simHasher,
    new SeededRandom(1),
  );
  const engine = new ScriptedEngine(channel);
  let isFinished = false;
  const viewer = new ViewerModel({
    engine: engine.asEngine(),
    clock,
    channel,
    options: { liveOffsetChunks: 3, stretches },
    onChunk: () => undefined,
    onFinished: () => (isFinished = true),
  });
  return { clock, engine, viewer, finished: () => isFinished };
}

/** Delivers at once whatever is asked for, for that long. */
function serve({ clock, engine }: { clock: VirtualClock; engine: ScriptedEngine }, ms: number): void {
  for (const end = clock.nowMs() + ms; clock.nowMs() < end; ) {
    for (let before = -1; before !== engine.asked.length; ) {
      before = engine.asked.length;
      engine.deliver();
    }
    clock.runUntil(Math.min(end, clock.nowMs() + 50));
  }
}

describe('a viewer on demand', () => {
  it('asks for one chunk at a time and starts with the first', () => {
    const session = watch('vod', 20);
    session.clock.runUntil(400);
    expect(session.engine.asked).toEqual([0]);
    session.engine.deliver();
    expect(session.viewer.viewing.startupMs).toBe(400);
    expect(session.engine.waiting).toEqual([1]);
  });

  it('keeps 30 s ahead and no more', () => {
    const session = watch('vod', 60);
    serve(session, 10_000);
    const ahead = session.engine.asked.length * 2 - 10;
    expect(ahead).toBeGreaterThanOrEqual(29);
    expect(ahead).toBeLessThanOrEqual(32);
  });

  it('plays to the end in its own time, without a stall, and says so', () => {
    const session = watch('vod', 10);
    serve(session, 19_900);
    expect(session.finished()).toBe(false);
    serve(session, 200);
    expect(session.finished()).toBe(true);
    expect(session.viewer.viewing).toMatchObject({ stalls: 0, stalledMs: 0, watchedMs: 20_000, dueChunks: 9, readyChunks: 9, hasFinished: true });
  });

  it('stalls when a chunk is missing at its moment, for as long as it is', () => {
    const session = watch('vod', 60);
    session.engine.deliver();
    session.clock.runUntil(3500);
    expect(session.viewer.isStalled).toBe(true);
    expect(session.viewer.playheadUs).toBe(2e6);
    session.engine.deliver();
    expect(session.viewer.isStalled).toBe(false);
    session.clock.runUntil(4500);
    expect(session.viewer.playheadUs).toBe(3e6);
    expect(session.viewer.viewing).toMatchObject({ stalls: 1, stalledMs: 1500, dueChunks: 1, readyChunks: 0 });
  });

  it('tells the engine four times a second where it is', () => {
    const session = watch('vod', 60);
    serve(session, 5000);
    const told = session.engine.playheads.filter(({ hasStarted }) => hasStarted);
    expect(told.length).toBeGreaterThanOrEqual(19);
    expect(told.length).toBeLessThanOrEqual(23);
  });

  it('leaves nothing behind', () => {
    const session = watch('vod', 60);
    serve(session, 5000);
    session.viewer.leave();
    session.viewer.leave();
    expect([session.engine.waiting.length, session.engine.listening, session.clock.pending]).toEqual([0, 0, 0]);
    const { watchedMs } = session.viewer.viewing;
    session.clock.runUntil(20_000);
    expect(session.viewer.viewing.watchedMs).toBe(watchedMs);
  });
});

describe('a viewer of a live channel', () => {
  it('waits for the log, then starts three chunks behind the edge and follows it', () => {
    const session = watch('live', 60);
    session.clock.runUntil(1000);
    expect(session.engine.asked).toEqual([]);
    for (let index = 10; index <= 20; index++) session.engine.learn(chunkIndex(index));
    session.clock.runUntil(1001);
    expect(session.engine.asked).toEqual([18]);
    for (let again = 0; again < 5; again++) session.engine.deliver();
    expect(session.engine.asked).toEqual([18, 19, 20]);
    session.engine.learn(chunkIndex(21));
    session.clock.runUntil(1002);
    expect(session.engine.asked).toEqual([18, 19, 20, 21]);
  });

  it('jumps over what has left the window', () => {
    const session = watch('live', 60);
    for (let index = 10; index <= 20; index++) session.engine.learn(chunkIndex(index));
    session.clock.runUntil(1);
    session.engine.known = session.engine.known.filter(({ index }) => index >= 20);
    session.engine.fail('gone');
    session.clock.runUntil(10);
    expect(session.engine.waiting).toEqual([20]);
  });

  it('measures how far behind the source it plays', () => {
    const session = watch('live', 60);
    for (let index = 0; index <= 9; index++) session.engine.learn(chunkIndex(index));
    session.clock.runUntil(0);
    for (let again = 0; again < 5; again++) session.engine.deliver();
    session.clock.runUntil(500);
    // On air since 0; it is 20.5 s, and it started at 14 s half a second ago.
    session.viewer.sample(20_500);
    expect(session.viewer.viewing.lagsMs).toEqual([6000]);
  });
});

describe('a viewer who jumps', () => {
  const STRETCHES = [
    { startUs: 0, lengthMs: 5_000 },
    { startUs: 60e6, lengthMs: 3_000 },
  ];

  it('watches each stretch for its time, asks at once where it jumps to, and then it is over', () => {
    const session = watch('vod', 60, STRETCHES);
    serve(session, 4_900);
    expect(session.engine.asked.every((chunk) => chunk < 30)).toBe(true);
    serve(session, 200);
    expect(session.engine.asked).toContain(30);
    expect(session.engine.playheads.at(-1)?.mediaUs).toBeGreaterThanOrEqual(60e6);
    serve(session, 2_800);
    expect(session.finished()).toBe(false);
    serve(session, 200);
    expect(session.finished()).toBe(true);
    const { stretches, seeksMs, watchedMs, stalls } = session.viewer.viewing;
    expect([stretches.length, seeksMs.length, stalls]).toEqual([2, 1, 0]);
    expect(stretches.map(({ endMs, startMs }) => endMs - startMs)).toEqual([5_000, 3_000]);
    expect(watchedMs).toBeGreaterThan(7_800);
  });

  it('waits for the picture after a jump without that being a stall', () => {
    const session = watch('vod', 60, STRETCHES);
    serve(session, 4_990);
    session.clock.runUntil(6_000);
    session.engine.deliver();
    session.clock.runUntil(8_100);
    const { seeksMs, stretches } = session.viewer.viewing;
    expect(seeksMs).toEqual([1_000]);
    expect(stretches[1]!.bufferingMs).toBe(1_000 + session.viewer.viewing.stalledMs);
  });
});
