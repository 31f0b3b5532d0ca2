import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeClip } from '#ingest/testing/synthetic-clip';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import type { ChannelListing } from '#protocol/paths';
import { runHost } from './testing/command.ts';

const PLACE = ['--data', 'data', '--port', '0'];

async function folderWithFilm(): Promise<string> {
  const folder = await temporaryFolder();
  await writeClip(join(folder, 'film.mp4'), { seconds: 6 });
  return folder;
}

describe('tributary host', () => {
  it('puts a film on air under a link that is the same next time, and ends in good order', async () => {
    const folder = await folderWithFilm();
    const first = runHost(['film.mp4', '--title', 'My film', ...PLACE], folder);
    const channel = await first.next('channel');
    expect(channel).toMatchObject({ title: 'My film', kind: 'vod' });
    expect((await fetch(String(channel.url).replace('/watch/', '/channels/') + '/master.m3u8')).status).toBe(200);
    expect(await first.next('figures')).toMatchObject({ viewers: 0, offloadRatio: null });
    expect(await first.interrupt()).toEqual({ code: 0, err: '' });
    const again = runHost(['film.mp4', '--title', 'My film', ...PLACE], folder);
    expect((await again.next('channel')).id).toBe(channel.id);
    await again.interrupt();
  });

  it('with a key file has the same link from any data folder, and is not listed if private', async () => {
    const folder = await folderWithFilm();
    const first = runHost(['film.mp4', '--key', 'my.key', ...PLACE], folder);
    const { id } = await first.next('channel');
    await first.interrupt();
    await cp(join(folder, 'film.mp4'), join(folder, 'moved.mp4'));
    const second = runHost(['moved.mp4', '--key', 'my.key', '--private', '--data', 'elsewhere', '--port', '0'], folder);
    const channel = await second.next('channel');
    expect(channel.id).toBe(id);
    const base = new URL(String(channel.url)).origin;
    expect((await (await fetch(`${base}/api/channels`)).json()) as ChannelListing[]).toEqual([]);
    expect((await fetch(`${base}/channels/${String(id)}/description`)).status).toBe(200);
    await second.interrupt();
  });

  it('refuses a key whose film is another', async () => {
    const folder = await folderWithFilm();
    const first = runHost(['film.mp4', '--key', 'my.key', ...PLACE], folder);
    await first.next('channel');
    await first.interrupt();
    await writeClip(join(folder, 'other.mp4'), { seconds: 4, bytesPerFrame: 900 });
    const { code, err } = await runHost(['other.mp4', '--key', 'my.key', ...PLACE], folder).ended;
    expect([code, err.trim()]).toEqual([1, expect.stringMatching(/^The key given with --key is that of "film" .* take another key file\.$/)]);
  });

  it('takes another port where the usual one is in use and none was asked for', async () => {
    const folder = await folderWithFilm();
    // Whoever has the usual port already serves the test as well.
    const other = createServer().listen(8080, '127.0.0.1');
    await Promise.race([once(other, 'listening'), once(other, 'error')]);
    onTestFinished(() => void other.close());
    const command = runHost(['film.mp4', '--data', 'data'], folder);
    const { url } = await command.next('channel');
    expect(new URL(String(url)).port).not.toBe('8080');
    await command.interrupt();
  });

  it('shows a poster in the list, on demand and live', async () => {
    const folder = await folderWithFilm();
    const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('the rest of it')]);
    await writeFile(join(folder, 'poster.jpg'), picture);
    for (const source of [['film.mp4'], ['--live', 'film.mp4', '--loop']]) {
      const command = runHost([...source, '--poster', 'poster.jpg', ...PLACE], folder);
      const base = new URL(String((await command.next('channel')).url)).origin;
      const [channel] = (await (await fetch(`${base}/api/channels`)).json()) as ChannelListing[];
      const answer = await fetch(base + channel!.poster!);
      expect([answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer())]).toEqual(['image/png', picture]);
      await command.interrupt();
    }
  });

  it('plays a file as television', async () => {
    const folder = await folderWithFilm();
    const command = runHost(['--live', 'film.mp4', '--loop', ...PLACE], folder);
    expect(await command.next('channel')).toMatchObject({ kind: 'live', title: 'film' });
    await command.interrupt();
  });
});

describe('bad input ends with one sentence and a failing exit', () => {
  it.each<[string, (folder: string) => string[] | Promise<string[]>, RegExp]>([
    ['a missing file', () => ['none.mp4'], /^There is no file or folder .*none\.mp4\.$/],
    ['a text named .mp4', async (folder) => {
      await writeFile(join(folder, 'text.mp4'), 'Once upon a time.\n'.repeat(100));
      return ['text.mp4'];
    }, /text\.mp4 is not a media file/],
    ['an empty file', async (folder) => {
      await writeFile(join(folder, 'empty.mp4'), '');
      return ['empty.mp4'];
    }, /empty\.mp4 is empty/],
    ['a folder without HLS', async (folder) => {
      await mkdir(join(folder, 'nothing'));
      return ['nothing'];
    }, /holds no HLS playlist/],
    ['an address of a private network', () => ['http://127.0.0.1:9/master.m3u8'], /^127\.0\.0\.1 is a machine of a private network; --allow-private/],
    ['no source', () => [], /^What shall be hosted\?/],
    ['a key that is none', async (folder) => {
      await writeFile(join(folder, 'k'), 'x', { mode: 0o600 });
      await writeClip(join(folder, 'f.mp4'), { seconds: 2 });
      return ['f.mp4', '--key', 'k'];
    }, /holds no key of a channel/],
    ['a poster that is no picture', async (folder) => {
      await writeFile(join(folder, 'poster.png'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
      return ['f.mp4', '--poster', 'poster.png'];
    }, /poster\.png is no picture that can be a poster: JPEG, PNG, WebP or AVIF is needed\.$/],
    ['a poster that is not there', () => ['f.mp4', '--poster', 'poster.png'], /^There is no picture .*poster\.png\.$/],
    ['a poster that is too large', async (folder) => {
      await writeFile(join(folder, 'poster.png'), Buffer.alloc(3 * 2 ** 20));
      return ['f.mp4', '--poster', 'poster.png'];
    }, /poster\.png is larger than 2 MiB, the most that a poster may have\.$/],
    ['a port in use that was asked for', async (folder) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      other.unref();
      await writeClip(join(folder, 'f.mp4'), { seconds: 2 });
      return ['f.mp4', '--port', String((other.address() as AddressInfo).port)];
    }, /^Port \d+ is in use/],
  ])('%s', async (_, make, sentence) => {
    const folder = await temporaryFolder();
    const args = await make(folder);
    const place = args.includes('--port') ? ['--data', 'data'] : PLACE;
    const { code, err } = await runHost([...args, ...place], folder).ended;
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err.trim()).toMatch(sentence);
    expect(code).toBeGreaterThan(0);
  });
});
