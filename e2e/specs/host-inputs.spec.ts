// What people have on their disks, through the command line of hosts into a real player.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
        await viewer.reaches(4);
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
      await viewer.reaches(4);
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
      await viewer.reaches(4);
    });
  });
});

/** Languages and subtitles as streams of their own, as packagers lay them out. */
async function makeLanguages(hls: string): Promise<void> {
  mkdirSync(hls);
  const streams: Readonly<Record<string, readonly string[]>> = { v: ['-map', '0:v', ...H264], en: ['-map', '1:a', ...AAC], de: ['-map', '1:a', '-af', 'volume=0.2', ...AAC] };
  for (const [name, args] of Object.entries(streams)) {
    await run(...source(12), ...args, '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', `${name}.mp4`, path.join(hls, `${name}.m3u8`));
  }
  writeFileSync(path.join(hls, '0.vtt'), 'WEBVTT\n\n00:00:00.000 --> 00:00:06.000\nGood evening.\n');
  writeFileSync(path.join(hls, '1.vtt'), 'WEBVTT\n\n00:00:06.000 --> 00:00:12.000\nGood night.\n');
  writeFileSync(path.join(hls, 'subs.m3u8'), '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:6,\n0.vtt\n#EXTINF:6,\n1.vtt\n#EXT-X-ENDLIST\n');
  writeFileSync(path.join(hls, 'master.m3u8'), [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="en.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",URI="de.m3u8"',
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",LANGUAGE="en",URI="subs.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=500000,AUDIO="a",SUBTITLES="s"', 'v.m3u8',
  ].join('\n'));
}

test('two languages and subtitles are streams of their own', async ({ watch }) => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');
  const hls = path.join(folder, 'languages');
  await makeLanguages(hls);
  await hosted([hls], async (url) => {
    const playlist = await (await fetch(`${url.replace('/watch/', '/channels/')}/master.m3u8`)).text();
    expect([...playlist.matchAll(/TYPE=(\w+).*?NAME="(\w+)"/g)].map(([, type, name]) => `${type} ${name}`)).toEqual(['AUDIO English', 'AUDIO Deutsch', 'SUBTITLES English']);
    const viewer = await watch(url);
    await viewer.playsOn(3);
    const shown = (): Promise<string[]> => viewer.page.evaluate(() => {
      const [track] = document.querySelector('video')!.textTracks;
      if (!track) return [];
      track.mode = 'showing';
      return [...(track.cues ?? [])].map((cue) => (cue as VTTCue).text);
    });
    await expect.poll(shown, { message: 'the subtitles of both chunks' }).toEqual(['Good evening.', 'Good night.']);
  });
});

test('a film with two languages and subtitles plays, each a stream of its own', async ({ watch }) => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');
  const [film, words] = [path.join(folder, 'two.mkv'), path.join(folder, 'words.srt')];
  writeFileSync(words, '1\n00:00:01,000 --> 00:00:02,000\nGood evening.\n\n2\n00:00:05,000 --> 00:00:06,500\nGood night.\n');
  const languages = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu', '-metadata:s:s:0', 'language=eng'];
  await run(...source(12), '-i', words, '-map', '0:v', '-map', '1:a', '-map', '1:a', '-map', '2:s', ...H264, ...AAC, '-c:s', 'srt', ...languages, film);
  await hosted([film], async (url) => {
    const viewer = await watch(url);
    await viewer.reaches(5);
    expect((await viewer.video()).error).toBeNull();
    const cues = (): Promise<[number, string][]> => viewer.page.evaluate(() => {
      const track = [...document.querySelector('video')!.textTracks].find(({ kind }) => kind !== 'metadata');
      if (!track) return [];
      track.mode = 'showing';
      return [...(track.cues ?? [])].map((cue) => [Math.round(cue.startTime * 10) / 10, (cue as VTTCue).text]);
    });
    await expect.poll(cues).toEqual([[1, 'Good evening.'], [5, 'Good night.']]);
  });
});

/** Live origins: what ffmpeg makes of the source, and the playlist that is followed. */
const ORIGINS: Readonly<Record<string, { readonly args: readonly string[]; readonly playlist: string }>> = {
  'MPEG-TS': { args: [], playlist: 'live.m3u8' },
  'fMP4': { args: ['-hls_segment_type', 'fmp4'], playlist: 'live.m3u8' },
  'MPEG-TS encrypted with AES-128': { args: ['-hls_key_info_file', 'info'], playlist: 'live.m3u8' },
  'two qualities and a sound of their own': {
    args: [
      '-map', '0:v', '-map', '0:v', '-map', '1:a', '-s:v:1', '160x90', '-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init_%v.mp4',
      '-master_pl_name', 'master.m3u8', '-var_stream_map', 'v:0,agroup:sound v:1,agroup:sound a:0,agroup:sound,language:en',
    ],
    playlist: 'master.m3u8',
  },
};

for (const [kind, { args, playlist }] of Object.entries(ORIGINS)) {
  test(`a live origin of ${kind} plays, and goes on`, async ({ watch }) => {
    test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');
    const origin = mkdtempSync(path.join(folder, 'origin-'));
    const server = createServer((request, response) => {
      const file = createReadStream(path.join(origin, path.basename(request.url ?? '')));
      file.on('error', () => response.writeHead(404).end());
      // Keys are asked for by pages.
      response.setHeader('Access-Control-Allow-Origin', '*');
      file.pipe(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(path.join(origin, 'k.key'), Buffer.alloc(16, 9));
    writeFileSync(path.join(origin, 'info'), `${base}/k.key\nk.key\n`);
    const encoder = spawn(ffmpeg!, ['-loglevel', 'error', '-re', ...source(120), ...H264, ...AAC, '-g', '25', ...args, '-f', 'hls', '-hls_time', '1', '-hls_list_size', '5', '-hls_flags', 'delete_segments', args.includes('-var_stream_map') ? 'v%v.m3u8' : 'live.m3u8'], { cwd: origin, stdio: 'ignore' });
    try {
      await expect.poll(async () => (await fetch(`${base}/${playlist}`)).status).toBe(200);
      await hosted([`${base}/${playlist}`, '--allow-private'], async (url) => {
        const viewer = await watch(url);
        await viewer.playsOn(8);
        expect((await viewer.video()).error).toBeNull();
      });
    } finally {
      encoder.kill('SIGKILL');
      server.closeAllConnections();
      server.close();
    }
  });
}

test('a film that browsers do not play does in several qualities', async ({ watch }) => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be converted');
  const file = path.join(folder, 'hevc.mkv');
  await run(...source(10), '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-c:a', 'ac3', file);
  await hosted([file, '--ladder', '180,144'], async (url) => {
    const viewer = await watch(url);
    await viewer.reaches(6);
    expect((await viewer.video()).error).toBeNull();
  });
});

test.describe('the pictures of a film', () => {
  test.skip(ffmpeg === undefined, 'ffmpeg is not installed here, so nothing can be encoded');

  test('its poster stands in the list, and its scenes at the seek bar', async ({ watch, page }) => {
    const [film, poster] = [path.join(folder, 'scenes.mp4'), path.join(folder, 'poster.png')];
    await run(...source(20), ...H264, ...AAC, film);
    await run('-f', 'lavfi', '-i', 'color=red:s=64x36', '-frames:v', '1', poster);
    await hosted([film, '--title', 'Scenes', '--poster', poster], async (url) => {
      await page.goto(new URL('/', url).href);
      const picture = page.locator('.channel-card__poster');
      await expect(picture).toHaveJSProperty('naturalWidth', 64);
      const track = new URL(url.replace('/watch/', '/channels/') + '/thumbnails.vtt').href;
      await expect.poll(async () => (await page.request.get(track)).status()).toBe(200);
      const viewer = await watch(url);
      await viewer.playsOn(1);
      await viewer.showsThumbnails(160 * 10);
    });
  });
});
