// What people have on their disks, through the command line of hosts into a real player.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../scripts/browsers.ts';
import { Child } from '../fixtures/child.ts';
import { expect, test } from '../fixtures/test.ts';

const ffmpeg = findProgram('ffmpeg');
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'];
const AAC = ['-c:a', 'aac'];
const source = (seconds: number): string[] => ['-f', 'lavfi', '-t', String(seconds), '-i', 'testsrc2=s=320x180:r=25', '-f', 'lavfi', '-t', String(seconds), '-i', 'sine=440:r=48000'];

let folder: string;
test.beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'tributary-inputs-'))));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (...args: string[]): Promise<unknown> => promisify(execFile)(ffmpeg!, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args], { cwd: folder });

/** `tributary host …` until `use` is done with the channel's link. */
async function hosted(args: readonly string[], use: (url: string) => Promise<void>): Promise<void> {
  const command = new Child('hosting/main.ts', ['host', ...args, '--json', '--no-build', '--consent', 'implied', '--port', '0', '--data', path.join(folder, 'data')]);
  try {
    await use(String((await command.first('channel')).url));
  } finally {
    await command.end();
  }
}

const FILES: Readonly<Record<string, readonly string[]>> = {
  'vp9-opus.webm': [...source(8), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '50', '-c:a', 'libopus'],
  'av1.mp4': [...source(6), '-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-g', '50', ...AAC],
  'surround.mp4': [...source(8), ...H264, ...AAC, '-ac', '6'],
  'mute.mp4': [...source(8), '-map', '0:v', ...H264],
  'sound-only.m4a': [...source(8), '-map', '1:a', ...AAC],
  'variable-rate.mp4': [...source(8), '-vf', "select='not(mod(n,3))+lt(mod(n,60),20)'", '-fps_mode', 'vfr', ...H264, '-g', '30', ...AAC],
  'keyframes-10s-apart.mkv': [...source(25), ...H264, '-g', '250', '-keyint_min', '250', '-sc_threshold', '0', ...AAC],
  'broadcast.ts': [...source(8), ...H264, ...AAC, '-f', 'mpegts'],
};

test.describe('a real file plays', () => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');

  for (const [name, args] of Object.entries(FILES)) {
    test(name, async ({ watch }) => {
      const file = path.join(folder, name);
      await run(...args, file);
      await hosted([file], async (url) => {
        const viewer = await watch(url);
        await viewer.playsOn(4);
        expect((await viewer.video()).error).toBeNull();
      });
    });
  }
});

test.describe('HLS that is there already plays', () => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');

  test('encrypted with AES-128', async ({ watch }) => {
    const hls = path.join(folder, 'aes');
    mkdirSync(hls);
    writeFileSync(path.join(hls, 'k.key'), Buffer.alloc(16, 9));
    writeFileSync(path.join(hls, 'info'), `k.key\n${path.join(hls, 'k.key')}\n`);
    await run(...source(8), ...H264, ...AAC, '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_key_info_file', path.join(hls, 'info'), path.join(hls, 'v.m3u8'));
    await hosted([hls], async (url) => {
      const viewer = await watch(url);
      await viewer.playsOn(4);
    });
  });

  test('with its sound as a stream of its own', async ({ watch }) => {
    const hls = path.join(folder, 'apart');
    mkdirSync(hls);
    await run(
      ...source(8), '-map', '0:v', '-map', '1:a', ...H264, ...AAC, '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init_%v.mp4',
      '-master_pl_name', 'master.m3u8', '-var_stream_map', 'v:0,agroup:sound a:0,agroup:sound,language:en', path.join(hls, 'v%v.m3u8'),
    );
    await hosted([hls], async (url) => {
      const viewer = await watch(url);
      await viewer.playsOn(4);
    });
  });
});

test('a film that browsers do not play does in several qualities', async ({ watch }) => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be converted');
  const file = path.join(folder, 'hevc.mkv');
  await run(...source(10), '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-c:a', 'ac3', file);
  await hosted([file, '--ladder', '180,144'], async (url) => {
    const viewer = await watch(url);
    await viewer.playsOn(6);
    expect((await viewer.video()).error).toBeNull();
  });
});
