import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { writeClip } from '#ingest/testing/synthetic-clip';
import type { ChannelListing } from '#protocol/paths';
import { runHost } from './testing/command.ts';

/** `npm start -- --publish on`, as another machine would run it. @returns its address. */
async function serverElsewhere(): Promise<string> {
  const folder = await temporaryFolder();
  const clip = await writeClip(join(folder, 'own.mp4'), { seconds: 2 });
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../signaling-server/main.ts'), '--json', '--port', '0', '--publish', 'on', '--data', join(folder, 'data'), '--vod', `Its own=${clip}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return (JSON.parse(line) as { url: string }).url;
}

describe('tributary host --server', () => {
  it('uploads a film, which stays when its host has gone, and uploads nothing twice', async () => {
    const [url, folder] = [await serverElsewhere(), await temporaryFolder()];
    await writeClip(join(folder, 'film.mp4'), { seconds: 8 });
    const args = ['film.mp4', '--title', 'Far away', '--server', url, '--key', 'channel.key', '--data', 'data'];
    const first = runHost(args, folder);
    const channel = await first.next('channel');
    expect(channel.url).toBe(`${url}/watch/${String(channel.id)}`);
    const uploaded = Number((await first.next('figures')).bytesOut);
    expect(uploaded).toBeGreaterThan(50_000);
    expect((await first.interrupt()).code).toBe(0);
    const listed = (await (await fetch(`${url}/api/channels`)).json()) as ChannelListing[];
    expect(listed.map(({ title, durationSeconds }) => [title, Math.round(durationSeconds!)])).toContainEqual(['Far away', 8]);
    expect((await fetch(`${url}/channels/${String(channel.id)}/0/3.m4s`)).status).toBe(200);
    const again = runHost(args, folder);
    expect((await again.next('channel')).id).toBe(channel.id);
    expect((await again.next('figures')).bytesOut).toBe(0);
    await again.interrupt();
  });

  it('says so where nobody answers', async () => {
    const folder = await temporaryFolder();
    await writeClip(join(folder, 'film.mp4'), { seconds: 2 });
    const { code, err } = await runHost(['film.mp4', '--server', 'http://127.0.0.1:1', '--data', 'data'], folder).ended;
    expect([code, err.trim()]).toEqual([1, 'The server http://127.0.0.1:1 cannot be reached: check --server.']);
  });
});
