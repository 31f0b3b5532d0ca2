import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeClip } from '#ingest/testing/synthetic-clip';

const MAIN = join(import.meta.dirname, 'main.ts');
/** A process of its own takes seconds to start where other tests keep the processors busy. */
const PATIENCE_MS = 60_000;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-'));
  await writeClip(join(folder, 'clip.mp4'), { seconds: 4 });
  await writeFile(join(folder, 'text.mp4'), 'Once upon a time.\n'.repeat(100));
  await writeClip(join(folder, 'vp8.mkv'), { seconds: 1, video: 'vp8', audio: 'none' });
});
afterAll(() => rm(folder, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The first line of standard output, or all there was if the process ended before it. */
  readonly firstLine: Promise<string>;
}

function run(args: readonly string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.on('data', (data) => {
      out += String(data);
      if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
    });
    child.on('close', () => resolve(out + err));
  });
  child.stderr.on('data', (data) => (err += String(data)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return { child, ended, firstLine };
}

/** Options that would do but for what the test adds. */
const sound = (name: string): string[] => ['--port', '0', '--data', join(folder, 'data', name)];

describe('bad input ends with one sentence and a failing exit', () => {
  // Side by side: each is a process that mostly starts.
  it.concurrent.each<[string, (name: string) => string[] | Promise<string[]>, RegExp]>([
    ['a missing file', (name) => [...sound(name), '--vod', `A=${join(folder, 'none.mp4')}`], /^There is no file .*none\.mp4\.$/],
    ['a text named .mp4', (name) => [...sound(name), '--vod', `A=${join(folder, 'text.mp4')}`], /text\.mp4 is not a media file/],
    ['a codec browsers do not play', (name) => [...sound(name), '--live', `A=${join(folder, 'vp8.mkv')}`], /VP8, which browsers do not play/],
    ['an unwritable data folder', () => ['--port', '0', '--data', join(folder, 'text.mp4', 'data'), '--vod', `A=${join(folder, 'clip.mp4')}`], /cannot be written to: choose another with --data/],
    ['an unknown option', () => ['--bogus'], /^Unknown option --bogus/],
    ['a port in use', async (name) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      other.unref();
      return [...sound(name), '--port', String((other.address() as AddressInfo).port), '--vod', `A=${join(folder, 'clip.mp4')}`];
    }, /^Port \d+ is in use/],
  ])('%s', async (name, args, sentence) => {
    const { code, out, err } = await run(await args(name.replace(/\W/g, ''))).ended;
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err.trim()).toMatch(sentence);
    expect(code).toBeGreaterThan(0);
    expect(out).toBe('');
  }, PATIENCE_MS);
});

describe('the server as a process', () => {
  it('prints its address first, serves, and ends in good order when told to', async () => {
    const { child, ended, firstLine } = run([...sound('runs'), '--json', '--vod', `A "film" = 1=${join(folder, 'clip.mp4')}`, '--live', `B=${join(folder, 'clip.mp4')}`]);
    const { event, url } = JSON.parse(await firstLine) as { event: string; url: string };
    expect(event).toBe('listening');
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect((await (await fetch(`${url}/api/channels`)).json() as unknown[]).length).toBe(2);
    child.kill('SIGTERM');
    const { code, err } = await ended;
    expect([code, err]).toEqual([0, '']);
  }, PATIENCE_MS);
});
