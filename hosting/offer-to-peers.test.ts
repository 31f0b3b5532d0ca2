import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort, hasFfmpeg, startFfmpeg, STREAMING, testSource } from '#ingest/node/testing/ffmpeg';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { runHost, type Command } from './testing/command.ts';

interface Status {
  readonly bytes?: { readonly fromPeers: number };
}

const PLACE = ['--data', 'data', '--port', '0', '--consent', 'implied'];

/** Watches with a peer of its own process, alone, until that many bytes came over WebRTC. Fails with the test's time. */
async function haveFromPeers(url: unknown, bytes: number): Promise<void> {
  const viewer = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../client/node/main.ts'), String(url), '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    viewer.kill('SIGKILL');
    await once(viewer, 'close');
  });
  for await (const line of createInterface({ input: viewer.stdout })) {
    if (((JSON.parse(line) as Status).bytes?.fromPeers ?? 0) > bytes) return;
  }
  throw new Error('the viewer ended');
}

/** The one viewer is told apart from the host's own peer, and what that sent counts as sent, not as carried by peers. */
async function countsOneViewer(host: Command, bytes: number): Promise<void> {
  let said: Record<string, unknown>;
  do said = await host.next('figures');
  while (said.viewers !== 1 || Number(said.bytesOut) < bytes);
  expect(said.offloadRatio === null || said.offloadRatio === 0).toBe(true);
}

describe('the server of a host is a peer too: a viewer alone has pieces from it over WebRTC', () => {
  it('of a film', async () => {
    const folder = await temporaryFolder();
    await writeClip(join(folder, 'film.mp4'), { seconds: 40, bytesPerFrame: 4000 });
    const host = runHost(['film.mp4', ...PLACE], folder);
    const { url } = await host.next('channel');
    // Nobody watches: its own peer is no viewer.
    expect(await host.next('figures')).toMatchObject({ viewers: 0, bytesOut: 0 });
    await haveFromPeers(url, 100_000);
    await countsOneViewer(host, 100_000);
    await host.interrupt();
  });

  it('of a file as television', async () => {
    const folder = await temporaryFolder();
    await writeClip(join(folder, 'film.mp4'), { seconds: 8, bytesPerFrame: 4000 });
    const host = runHost(['--live', 'film.mp4', '--loop', ...PLACE], folder);
    // More than was on the air when the viewer came.
    await haveFromPeers((await host.next('channel')).url, 1_500_000);
    await countsOneViewer(host, 1_500_000);
    await host.interrupt();
  });

  it.runIf(hasFfmpeg)('of what is sent by RTMP', async () => {
    const folder = await temporaryFolder();
    const host = runHost(['--live', `rtmp:${await freePort()}`, '--chunk', '1', ...PLACE], folder);
    const { url } = await host.next('channel');
    const { server, streamKey } = await host.next('rtmp');
    let isOn = false;
    // ffmpeg gives up at once where nobody listens yet.
    const send = async (): Promise<void> => {
      while (!isOn) await startFfmpeg(['-re', ...testSource(60), ...STREAMING, '-f', 'flv', `${String(server)}/${String(streamKey)}`]).ended;
    };
    void send();
    isOn = (await host.next('source')).state === 'on';
    const description = String(url).replace('/watch/', '/channels/') + '/description';
    await expect.poll(async () => (await fetch(description)).status, { timeout: 30_000 }).toBe(200);
    await haveFromPeers(url, 50_000);
    await countsOneViewer(host, 50_000);
    await host.interrupt();
  });
});
