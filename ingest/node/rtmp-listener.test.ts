import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { concatenate } from '../boxes.ts';
import { LiveChunker, type LiveChunk } from '../live-chunker.ts';
import { probeSegment } from '../probe-segment.ts';
import { findFfmpeg, requireFfmpeg } from './ffmpeg.ts';
import { freePort, hasFfmpeg, startFfmpeg, STREAMING, testSource } from './testing/ffmpeg.ts';
import { RtmpListener, rtmpServer, type RtmpPlace } from './rtmp-listener.ts';

interface Heard {
  readonly chunks: LiveChunk[];
  init?: Uint8Array;
  isOver: boolean;
}

async function listen(): Promise<{ place: RtmpPlace; connections: Heard[]; troubles: string[]; listener: RtmpListener }> {
  const place = { address: '127.0.0.1', port: await freePort(), streamKey: 'right-key' };
  const [connections, troubles]: [Heard[], string[]] = [[], []];
  const listener = new RtmpListener({
    ffmpeg: findFfmpeg()!,
    place,
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onConnected() {
      const heard: Heard = { chunks: [], isOver: false };
      connections.push(heard);
      let chunker: LiveChunker;
      const keep = (chunk: LiveChunk | undefined): void => {
        if (chunk) heard.chunks.push(chunk);
      };
      return {
        started(init) {
          heard.init = Uint8Array.from(init);
          chunker = new LiveChunker({ init, startUs: 0, firstIndex: 0, targetUs: 1_000_000 });
        },
        fragment: (bytes) => keep(chunker.push(bytes)),
        ended() {
          keep(chunker.flush());
          heard.isOver = true;
        },
      };
    },
    onTrouble: (sentence) => troubles.push(sentence),
  });
  await listener.start();
  onTestFinished(() => listener.close());
  return { place, connections, troubles, listener };
}

/** Tries until the listener is there: ffmpeg as a sender gives up at once where nobody listens yet. */
async function send(place: RtmpPlace, key: string, seconds: number, until: () => boolean): Promise<void> {
  while (!until()) await startFfmpeg([...testSource(seconds), ...STREAMING, '-f', 'flv', `${rtmpServer(place)}/${key}`]).ended;
}

describe.runIf(hasFfmpeg)('listening for RTMP', () => {
  it('gets a publisher\'s stream chunk by chunk, then the next one\'s', async () => {
    const { place, connections, troubles } = await listen();
    for (const round of [0, 1]) {
      await send(place, 'right-key', 5, () => connections.length > round);
      await vi.waitFor(() => expect(connections[round]!.isOver).toBe(true), { timeout: 20_000 });
      const { chunks } = connections[round]!;
      expect(chunks).toHaveLength(5);
      for (const chunk of chunks) expect(chunk.durationUs / 1e6).toBeCloseTo(1, 1);
    }
    expect(troubles).toEqual([]);
  });

  it.each<[string, string[], string]>([
    ['sound alone, as radio does', ['-map', '1:a'], 'mp4a'],
    ['a picture alone', ['-map', '0:v'], 'avc1'],
  ])('gets the stream of a publisher that sends %s', async (_, tracks, codec) => {
    const { place, connections, troubles } = await listen();
    while (connections.length === 0) await startFfmpeg([...testSource(5), ...tracks, ...STREAMING, '-f', 'flv', `${rtmpServer(place)}/right-key`]).ended;
    await vi.waitFor(() => expect(connections[0]!.isOver).toBe(true), { timeout: 20_000 });
    const { chunks, init } = connections[0]!;
    expect(chunks.length).toBeGreaterThanOrEqual(5);
    for (const chunk of chunks.slice(0, 4)) expect(chunk.durationUs / 1e6).toBeCloseTo(1, 1);
    expect((await probeSegment('it', concatenate([init!, chunks[0]!.bytes]))).codecs).toContain(codec);
    expect(troubles).toEqual([]);
  });

  it('uses nothing of a publisher with a wrong key, and says so', async () => {
    const { place, connections, troubles } = await listen();
    await send(place, 'wrong-key', 5, () => troubles.length > 0);
    expect(troubles).toEqual([expect.stringMatching(/wrong address or stream key/)]);
    expect(connections).toEqual([]);
    // And is there for the right one.
    await send(place, 'right-key', 3, () => connections.length > 0);
  });

  it('closes while it waits, and leaves no process behind', async () => {
    const { listener, place } = await listen();
    await listener.close();
    await listener.close();
    const again = createServer().listen(place.port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });

  it('refuses a port that is taken with a sentence', async () => {
    const { place } = await listen();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const port = (taken.address() as { port: number }).port;
    const listener = new RtmpListener({ ffmpeg: findFfmpeg()!, place: { ...place, port }, after: () => () => undefined, onConnected: () => { throw new Error(); }, onTrouble: () => undefined });
    await expect(listener.start()).rejects.toMatchObject({ reason: 'portTaken', message: expect.stringMatching(/Port \d+ for RTMP is in use/) as string });
  });
});

describe('without ffmpeg', () => {
  it.each([
    [{ PATH: '/nowhere' }, /--live rtmp needs ffmpeg, which is not installed here: install it/],
    [{ PATH: process.env.PATH, FFMPEG_PATH: '/nowhere/ffmpeg' }, /FFMPEG_PATH names \/nowhere\/ffmpeg, which is no program/],
  ])('%j is a sentence that says what to do', (env, sentence) => {
    expect(() => requireFfmpeg('--live rtmp', env)).toThrow(sentence);
  });
});
