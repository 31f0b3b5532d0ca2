import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { decode, freePort, hasFfmpeg, startFfmpeg, STREAMING, testSource } from '#ingest/node/testing/ffmpeg';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { runHost, type Command } from './testing/command.ts';

interface Studio {
  readonly command: Command;
  /** Address of the channel's HLS, without a slash at the end. */
  readonly hls: string;
  readonly id: unknown;
  /** Sends so many seconds as fast as it is taken; tried until the listener is there. */
  readonly send: (seconds: number) => Promise<void>;
  readonly playlist: () => Promise<string>;
}

async function studio(folder: string, port: number): Promise<Studio> {
  const command = runHost(['--live', `rtmp:${port}`, '--title', 'My show', '--chunk', '1', '--data', 'data', '--port', '0'], folder);
  const { url, id } = await command.next('channel');
  const { server, streamKey } = await command.next('rtmp');
  const hls = String(url).replace('/watch/', '/channels/');
  return {
    command, hls, id,
    send: async (seconds) => {
      // ffmpeg gives up at once where nobody listens yet.
      const attempt = (): Promise<number | null> => startFfmpeg([...testSource(seconds), ...STREAMING, '-f', 'flv', `${String(server)}/${String(streamKey)}`]).ended;
      while ((await attempt()) !== 0) expect(command.child.exitCode).toBeNull();
      expect((await command.next('source')).state).toBe('on');
      expect((await command.next('source')).state).toBe('away');
    },
    playlist: async () => (await fetch(`${hls}/0/playlist.m3u8`)).text(),
  };
}

const indexes = (playlist: string): number[] => [...playlist.matchAll(/^(\d+)\.m4s$/gm)].map(([, index]) => Number(index));

/** Publishing goes on for a moment after the source has gone. */
const settled = async (one: Studio, chunks: number): Promise<string> => {
  await vi.waitFor(async () => expect(indexes(await one.playlist()).length).toBeGreaterThanOrEqual(chunks), { timeout: 20_000, interval: 50 });
  return one.playlist();
};

describe.runIf(hasFfmpeg)('tributary host --live rtmp', () => {
  it('goes on in the same channel when its source comes back, and when the command does', async () => {
    const [folder, port] = [await temporaryFolder(), await freePort()];
    const first = await studio(folder, port);
    await first.send(5);
    expect(indexes(await settled(first, 5))).toEqual([0, 1, 2, 3, 4]);
    await first.send(3);
    const both = await settled(first, 8);
    expect(indexes(both)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(both.split('\n').filter((line) => line === '#EXT-X-DISCONTINUITY')).toHaveLength(1);
    expect(both).toMatch(/4\.m4s\n#EXT-X-DISCONTINUITY\n.*\n.*\n5\.m4s/);
    expect(await decode(`${first.hls}/master.m3u8`, 7)).not.toMatch(/error|corrupt|invalid/i);
    expect((await first.command.interrupt()).code).toBe(0);

    const again = await studio(folder, port);
    expect(again.id).toBe(first.id);
    // What was on the air before is still there, and its host is away.
    expect(indexes(await again.playlist())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await again.send(3);
    const all = await settled(again, 11);
    expect(indexes(all)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(all.split('\n').filter((line) => line === '#EXT-X-DISCONTINUITY')).toHaveLength(2);
    await again.command.interrupt();
  });

  it('lets nobody publish on its server but itself', async () => {
    const { command, hls } = await studio(await temporaryFolder(), await freePort());
    const answer = await fetch(`${new URL(hls).origin}/api/publish/${'a'.repeat(32)}/state`);
    expect(answer.status).toBe(404);
    await command.interrupt();
  });
});

describe('without ffmpeg', () => {
  it('ends with a sentence that says what to do', async () => {
    vi.stubEnv('FFMPEG_PATH', join(import.meta.dirname, 'no-such-program'));
    const { code, err } = await runHost(['--live', 'rtmp', '--data', 'data', '--port', '0'], await temporaryFolder()).ended;
    vi.unstubAllEnvs();
    expect([code, err.trim()]).toEqual([1, expect.stringMatching(/^--live rtmp needs ffmpeg, and FFMPEG_PATH names .* no program\.$/)]);
  });
});
