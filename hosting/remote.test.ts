import { on } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { writeClip } from '#ingest/testing/synthetic-clip';
import type { ChannelListing } from '#protocol/paths';
import { runHost } from './testing/command.ts';
import { serverElsewhere } from './testing/server-elsewhere.ts';

describe('tributary host --server', () => {
  it('uploads a film, which stays when its host has gone, and uploads nothing twice', async () => {
    const [{ url }, folder] = [await serverElsewhere(), await temporaryFolder()];
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

  it('plays a file as television, which goes on under its link behind a discontinuity', async () => {
    const [{ url }, folder] = [await serverElsewhere(), await temporaryFolder()];
    await writeClip(join(folder, 'film.mp4'), { seconds: 4 });
    const args = ['--live', 'film.mp4', '--loop', '--server', url, '--key', 'tv.key', '--data', 'data'];
    const chunks = async (id: unknown): Promise<string[]> => (await (await fetch(`${url}/channels/${String(id)}/0/playlist.m3u8`)).text()).split('\n').filter((line) => /^\d/.test(line) || line === '#EXT-X-DISCONTINUITY');
    const first = runHost(args, folder);
    const { id } = await first.next('channel');
    await expect.poll(() => chunks(id), { timeout: 20_000 }).toEqual(['0.m4s', '1.m4s']);
    await first.interrupt();
    const again = runHost(args, folder);
    expect((await again.next('channel')).id).toBe(id);
    await expect.poll(() => chunks(id), { timeout: 20_000 }).toContain('#EXT-X-DISCONTINUITY');
    expect((await fetch(`${url}/channels/${String(id)}/0/0.m4s`)).status).toBe(200);
    await again.interrupt();
  });

  it('ends when it is told to, also where the server it sends to answers no longer', async () => {
    const [server, folder] = [await serverElsewhere(), await temporaryFolder()];
    await writeClip(join(folder, 'film.mp4'), { seconds: 4 });
    const command = runHost(['--live', 'film.mp4', '--loop', '--server', server.url, '--data', 'data'], folder);
    await command.next('channel');
    await server.kill();
    await askedInVain(server.url, /(?:description|entries)$/);
    expect(await command.interrupt()).toEqual({ code: 0, err: '' });
  });

  it('says so where nobody answers', async () => {
    const folder = await temporaryFolder();
    await writeClip(join(folder, 'film.mp4'), { seconds: 2 });
    const { code, err } = await runHost(['film.mp4', '--server', 'http://127.0.0.1:1', '--data', 'data'], folder).ended;
    expect([code, err.trim()]).toEqual([1, 'The server http://127.0.0.1:1 cannot be reached: check --server.']);
  });
});

/** Listens where a server was, and answers nothing. @returns when somebody asks for a path like that. */
async function askedInVain(url: string, path: RegExp): Promise<void> {
  const mute = createServer();
  onTestFinished(() => {
    mute.closeAllConnections();
    mute.close();
  });
  mute.listen(Number(new URL(url).port), new URL(url).hostname);
  for await (const [request] of on(mute, 'request') as AsyncIterable<[IncomingMessage]>) if (path.test(request.url!)) return;
}
