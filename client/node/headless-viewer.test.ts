import { describe, expect, it } from 'vitest';
import { describeHasher } from '#engine/testing/small-ports.contract';
import { StillClock } from '#engine/testing/dialer.contract';
import type { ChunkListener, Engine } from '#engine/engine-api';
import type { ChannelDescription } from '#protocol/description';
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { HeadlessViewer } from './headless-viewer.ts';
import { NodeHasher } from './node-hasher.ts';

describeHasher('NodeHasher', () => new NodeHasher());

const DESCRIPTION: ChannelDescription = {
  version: 1, publicKey: 'A'.repeat(44), title: 'A film', kind: 'vod', pieceBytes: 16_384, windowChunks: 0,
  streams: [{
    id: 0, kind: 'muxed', codecs: '', bandwidth: 1, averageBandwidth: 1, width: 0, height: 0, frameRate: 0, language: '', name: '', init: '',
    extension: 'm4s', targetDurationSeconds: 2, durationsUs: [2_000_000, 2_000_000, 2_000_000],
  }],
};

/** An engine that delivers a chunk when the test says so. */
function create() {
  const clock = new StillClock();
  const asked = new Map<ChunkIndex, ChunkListener>();
  let playhead: Parameters<Engine['setPlayhead']>[0] | undefined;
  let ends = 0;
  const viewer = new HeadlessViewer({
    engine: {
      getChunk: (_stream: StreamId, chunk: ChunkIndex, listener: ChunkListener) => {
        asked.set(chunk, listener);
        return () => undefined;
      },
      records: () => [],
      onRecords: () => () => undefined,
      setPlayhead: (at) => (playhead = at),
      setStreams: () => undefined,
    },
    description: DESCRIPTION,
    clock,
    hostMs: () => 0,
    onEnded: () => ends++,
  });
  const play = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 50) clock.move(50);
  };
  const deliver = (chunk: number): void =>
    asked.get(chunk as ChunkIndex)!.onDone({ bytes: new Uint8Array(1), fromPeers: 0, fromSeeder: 1, fetchMs: 1 });
  return { viewer, play, deliver, playhead: () => playhead, ends: () => ends };
}

describe('HeadlessViewer', () => {
  it('starts when the first chunk is there and advances in real time', () => {
    const { viewer, play, deliver, playhead } = create();
    play(300);
    expect(playhead()).toMatchObject({ mediaUs: 0, hasStarted: false });
    deliver(0);
    play(50);
    expect(viewer.figures().startupMs).toBe(350);
    play(1_000);
    expect(playhead()).toMatchObject({ mediaUs: 1_000_000, rate: 1, hasStarted: true });
    expect(viewer.figures()).toMatchObject({ stalls: 0, watchedMs: 1_000 });
  });

  it('counts a stall at a chunk that is late, once, and goes on when it comes', () => {
    const { viewer, play, deliver } = create();
    deliver(0);
    play(3_000);
    expect(viewer.figures()).toMatchObject({ stalls: 1, playheadUs: 2_000_000 });
    deliver(1);
    play(500);
    expect(viewer.figures()).toMatchObject({ stalls: 1, playheadUs: 2_500_000 });
  });

  it('ends at the end, without a stall', () => {
    const { viewer, play, deliver, ends } = create();
    for (const chunk of [0, 1, 2]) deliver(chunk);
    play(10_000);
    expect(viewer.figures()).toMatchObject({ stalls: 0, hasEnded: true });
    expect(ends()).toBe(1);
  });
});
