/** Packaging and signing a film of 1 GB against `ffmpeg -c copy -f hls`, in turn on the same machine; and its memory. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireFfmpeg } from '#ingest/node/ffmpeg';
import { atMost, median, told, type Run, type RunResult } from '../run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = 3;
/** Copies of half a minute at 5 Mbit/s that make 1 GB. */
const COPIES = 52;
const QUICK_COPIES = 5;

interface Packaged {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly maxMegabytes: number;
}

/** Noise does not compress: the bitrate is what was asked for. */
function makeFilm(ffmpeg: string, folder: string, copies: number): string {
  const [seed, film] = [path.join(folder, 'seed.mp4'), path.join(folder, 'film.mp4')];
  const run = (...args: string[]): unknown => execFileSync(ffmpeg, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args]);
  run(
    '-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=25,noise=alls=40:allf=t', '-f', 'lavfi', '-i', 'sine=440:r=48000', '-t', '30', '-c:v', 'libx264', '-preset', 'ultrafast',
    '-b:v', '5M', '-minrate', '5M', '-maxrate', '5M', '-bufsize', '5M', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '128k', seed,
  );
  run('-stream_loop', String(copies - 1), '-i', seed, '-c', 'copy', film);
  return film;
}

function copyByFfmpeg(ffmpeg: string, film: string, folder: string): number {
  mkdirSync(folder);
  const beganMs = performance.now();
  execFileSync(ffmpeg, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-i', film, '-c', 'copy', '-f', 'hls', '-hls_time', '2', '-hls_segment_type', 'fmp4', '-hls_playlist_type', 'vod', path.join(folder, 'v.m3u8')]);
  const seconds = (performance.now() - beganMs) / 1000;
  rmSync(folder, { recursive: true });
  return seconds;
}

function packageOnce(film: string, folder: string): Packaged {
  const text = execFileSync(process.execPath, ['--import', 'tsx', 'bench/package-once.ts', film, folder], { cwd: ROOT, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return JSON.parse(text) as Packaged;
}

export const packaging: Run = {
  name: 'packaging',
  about: 'packaging and signing a film of 1 GB against ffmpeg -c copy -f hls',
  measure: ({ isQuick, log }): Promise<RunResult> => {
    const ffmpeg = requireFfmpeg('The run "packaging"');
    const folder = mkdtempSync(path.join(tmpdir(), 'tributary-bench-'));
    try {
      const film = makeFilm(ffmpeg, folder, isQuick ? QUICK_COPIES : COPIES);
      const [copies, ours]: [number[], Packaged[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        log(`round ${round + 1} of ${ROUNDS}`);
        copies.push(copyByFfmpeg(ffmpeg, film, path.join(folder, 'hls')));
        ours.push(packageOnce(film, path.join(folder, 'packages')));
      }
      const [theirs, own] = [median(copies) ?? NaN, median(ours.map(({ seconds }) => seconds)) ?? NaN];
      const gigabytes = (statSync(film).size / 1e9).toFixed(2);
      return Promise.resolve({
        figures: [
          atMost(2, { name: 'packaging and signing / ffmpeg -c copy', floor: '', measured: own / theirs, unit: 'x', how: `${gigabytes} GB at 5 Mbit/s, in turn, medians of ${ROUNDS}: ${own.toFixed(1)} s against ${theirs.toFixed(1)} s. Ours hashes every byte besides.` }),
          atMost(250, { name: 'memory while packaging', floor: '', measured: Math.max(...ours.map(({ maxMegabytes }) => maxMegabytes)), unit: ' MB', digits: 0, how: 'The most the process had resident, with Node and everything it loads; largest of all rounds.' }),
          told({ name: 'CPU of packaging', measured: median(ours.map(({ cpuSeconds }) => cpuSeconds)), unit: ' s', digits: 1, how: 'User and system time of the process.' }),
        ],
        details: { copies, ours },
        remarks: [`ffmpeg s: ${copies.map((s) => s.toFixed(1)).join(' ')}; ours s: ${ours.map(({ seconds }) => seconds.toFixed(1)).join(' ')}`],
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
