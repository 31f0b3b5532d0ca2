import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { writeClip } from '#ingest/testing/synthetic-clip';
import type { ChannelListing } from '#protocol/paths';
import { runHost } from './testing/command.ts';
import { serverElsewhere } from './testing/server-elsewhere.ts';

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

  it('plays a file as television, which goes on under its link behind a discontinuity', async () => {
    const [url, folder] = [await serverElsewhere(), await temporaryFolder()];
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

  it('says so where nobody answers', async () => {
    const folder = await temporaryFolder();
    await writeClip(join(folder, 'film.mp4'), { seconds: 2 });
    const { code, err } = await runHost(['film.mp4', '--server', 'http://127.0.0.1:1', '--data', 'data'], folder).ended;
    expect([code, err.trim()]).toEqual([1, 'The server http://127.0.0.1:1 cannot be reached: check --server.']);
  });
});
