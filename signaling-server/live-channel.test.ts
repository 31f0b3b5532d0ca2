import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readTrackFragments, readTracks } from '#ingest/fragment';
import { ChannelKey } from '#ingest/node/channel-key';
import { chunkPath, type MediaPackage } from '#ingest/node/media-package';
import { packageFile } from '#ingest/node/package-file';
import { digestChunk } from '#ingest/node/sha256';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { base64ToBytes } from '#protocol/base64';
import { equalBytes } from '#protocol/merkle';
import type { LogEntry } from '#protocol/record';
import { LiveChannel } from './live-channel.ts';
import { FakeClock } from './testing/fake-clock.ts';

const EPOCH = 1_800_000_000_000;
const KEY = new ChannelKey(new Uint8Array(32).fill(1));

interface Studio {
  readonly pack: MediaPackage;
  readonly clock: FakeClock;
  readonly heads: LogEntry[];
  readonly faults: unknown[];
  readonly channel: () => LiveChannel;
  /** Moves the clock to the next publication and waits until it has happened. */
  readonly air: (channel: LiveChannel) => Promise<void>;
}

/** A clip of 6 s in chunks of 2 s, whose sound ends a little after its picture, on air since `sinceMs`. */
async function studio(sinceMs: number): Promise<Studio> {
  const folder = await temporaryFolder();
  const pack = await packageFile(await writeClip(join(folder, 'a.mp4'), { seconds: 6 }), 'loop', { root: folder });
  const clock = new FakeClock(EPOCH + sinceMs);
  const [heads, faults]: [LogEntry[], unknown[]] = [[], []];
  return {
    pack, clock, heads, faults,
    channel: () => new LiveChannel({ title: 'Live', isListed: true, key: KEY, pack, epochMs: EPOCH, clock, onHead: (entry) => heads.push(entry), onFault: (error) => faults.push(error) }),
    async air(channel) {
      const before = channel.available(0)!.newest;
      clock.moveTo(clock.nextMs!);
      await vi.waitFor(() => expect(channel.available(0)!.newest > before && clock.pending > 0).toBe(true), { interval: 1, timeout: 5000 });
    },
  };
}

describe('a live channel', () => {
  it('has a window to start from at once, and publishes a chunk when its last sample is on air', async () => {
    const { channel: make, clock, heads, air, pack } = await studio(9000);
    const channel = make();
    await channel.start();
    expect(channel.available(0)).toEqual({ first: 0, newest: 3 });
    expect(heads).toEqual([]);
    const loopMs = pack.streams[0]!.chunks.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1000;
    // Chunk 4 is the second of the second round.
    expect(clock.nextMs).toBeCloseTo(EPOCH + loopMs + 4000, 0);
    await air(channel);
    expect(heads.map(({ signed }) => signed.record.index)).toEqual([4]);
    expect(heads[0]!.signed.record.onAirMs).toBeCloseTo(EPOCH + loopMs + 2000, 0);
    channel.close();
  });

  it('runs on over the seam on every track: each chunk starts where the one before it ended', async () => {
    const { channel: make, air, pack } = await studio(9000);
    const channel = make();
    await channel.start();
    for (let n = 0; n < 8; n++) await air(channel);
    const { first, newest } = channel.available(0)!;
    expect(newest - first).toBeGreaterThan(9);
    const tracks = readTracks(base64ToBytes(pack.streams[0]!.facts.init));
    const ends = new Map<number, number>();
    let endUs = channel.entry(0, first)!.signed.record.startUs;
    for (let index = first; index <= newest; index++) {
      const { record } = channel.entry(0, index)!.signed;
      expect(record.startUs).toBe(endUs);
      endUs += record.durationUs;
      const isSeam = index % pack.streams[0]!.chunks.length === 0;
      for (const { id, baseDecodeTime, duration } of readTrackFragments((await channel.readChunk(0, index))!)) {
        const { timescale } = tracks.find((track) => track.id === id)!;
        const [start, before] = [Number(baseDecodeTime) / timescale, ends.get(id)];
        ends.set(id, start + duration / timescale);
        if (before === undefined) continue;
        // Within a round to the unit; at the seam the shorter track waits for the longer, less than a frame of either.
        const gap = start - before;
        expect(gap).toBeGreaterThanOrEqual(-1 / timescale - 1e-9);
        expect(gap).toBeLessThanOrEqual((isSeam ? 1024 / 48_000 : 0) + 1 / timescale + 1e-9);
      }
    }
    channel.close();
  });

  it('serves what it signed: bytes, hashes and root of every chunk of the window agree', async () => {
    const { channel: make } = await studio(60_000);
    const channel = make();
    await channel.start();
    const { first, newest } = channel.available(0)!;
    for (let index = first; index <= newest; index++) {
      const { signed, hashes } = channel.entry(0, index)!;
      const digest = digestChunk((await channel.readChunk(0, index))!);
      expect(equalBytes(digest.root, signed.record.root) && equalBytes(digest.hashes, hashes)).toBe(true);
    }
    channel.close();
  });

  it('goes on after a restart where it would have been, with the very same chunks', async () => {
    const { channel: make, clock } = await studio(60_000);
    const before = make();
    await before.start();
    before.close();
    clock.moveTo(EPOCH + 75_000);
    const after = make();
    await after.start();
    expect(after.id).toBe(before.id);
    expect(after.available(0)!.newest).toBeGreaterThan(before.available(0)!.newest);
    const shared = before.available(0)!.newest;
    expect(after.entry(0, shared)).toEqual(before.entry(0, shared));
    expect(after.signedDescription).toEqual(before.signedDescription);
    after.close();
  });

  it('keeps its window and a little more, and forgets what is older', async () => {
    const { channel: make } = await studio(3_600_000);
    const channel = make();
    await channel.start();
    const { first, newest } = channel.available(0)!;
    const window = channel.description.windowChunks;
    expect(newest - first + 1).toBe(window + 4);
    expect(channel.entry(0, first)).toBeDefined();
    expect(channel.entry(0, first - 1)).toBeUndefined();
    expect(await channel.readChunk(0, first - 1)).toBeUndefined();
    expect(await channel.readChunk(0, newest + 1)).toBeUndefined();
    channel.close();
  });

  it('catches up in order when the machine slept', async () => {
    const { channel: make, clock, heads } = await studio(9000);
    const channel = make();
    await channel.start();
    clock.moveTo(EPOCH + 30_000);
    await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 });
    expect(heads.map(({ signed }) => signed.record.index)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    channel.close();
  });

  it('leaves no timer behind, and publishes nothing more', async () => {
    const { channel: make, clock, heads } = await studio(9000);
    const channel = make();
    await channel.start();
    channel.close();
    channel.close();
    expect(clock.pending).toBe(0);
    clock.moveTo(EPOCH + 60_000);
    expect(heads).toEqual([]);
  });

  it('says so and tries again when a chunk cannot be read, and never serves damaged bytes', async () => {
    const { channel: make, clock, faults, pack, air } = await studio(9000);
    const channel = make();
    await channel.start();
    const kept = await readFile(chunkPath(pack, pack.streams[0]!, 2));
    await rm(chunkPath(pack, pack.streams[0]!, 2));
    clock.moveTo(clock.nextMs!);
    await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 });
    clock.moveTo(clock.nextMs!);
    await vi.waitFor(() => expect(faults.length).toBeGreaterThan(0), { interval: 1 });
    await expect(channel.readChunk(0, 2)).rejects.toThrow();
    await writeFile(chunkPath(pack, pack.streams[0]!, 2), kept);
    await air(channel);
    expect(channel.available(0)!.newest).toBe(5);
    channel.close();
  });
});
