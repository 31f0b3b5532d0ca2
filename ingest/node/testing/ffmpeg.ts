/** The real ffmpeg for tests that make or send media with it. Without it they are skipped, and say why. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { findFfmpeg } from '../ffmpeg.ts';

const ffmpeg = findFfmpeg();
export const hasFfmpeg = ffmpeg !== undefined;
if (!hasFfmpeg) console.warn('Skipped: ffmpeg is not installed, so nothing can be encoded or sent here.');

/** Runs it to its end. @throws with its last words when it fails. */
export async function runFfmpeg(args: readonly string[]): Promise<void> {
  await promisify(execFile)(ffmpeg!, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args]);
}

/** A test picture with a tone, as inputs. */
export const testSource = (seconds: number, size = '320x180', rate = 25): string[] => [
  '-f', 'lavfi', '-t', String(seconds), '-i', `testsrc2=s=${size}:r=${rate}`, '-f', 'lavfi', '-t', String(seconds), '-i', 'sine=440:r=48000',
];

/** H.264 and AAC as streaming software sends them, a keyframe each second. */
export const STREAMING = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

export interface Sender {
  readonly child: ChildProcess;
  /** Exit code, null where it was killed. */
  readonly ended: Promise<number | null>;
}

/** Starts ffmpeg and leaves it running; ended with the test. */
export function startFfmpeg(args: readonly string[]): Sender {
  const child = spawn(ffmpeg!, ['-hide_banner', '-nostdin', '-loglevel', 'error', ...args], { stdio: 'ignore' });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** What ffprobe finds in a file or playlist, stream by stream. */
export interface ProbedStream {
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly channels?: number;
  readonly nb_read_packets: string;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

export async function probe(path: string): Promise<ProbedStream[]> {
  const args = ['-v', 'error', '-count_packets', '-show_streams', '-of', 'json', ...(path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : []), path];
  const { stdout } = await promisify(execFile)(ffmpeg!.replace(/ffmpeg([^/]*)$/, 'ffprobe$1'), args);
  return (JSON.parse(stdout) as { streams: ProbedStream[] }).streams;
}

/** Decodes everything, or so many seconds from the start: live has no end. @returns what the decoder complained of; empty where all is well. */
export async function decode(playlist: string, seconds?: number): Promise<string> {
  const { stderr } = await promisify(execFile)(ffmpeg!, ['-v', 'warning', '-allowed_extensions', 'ALL', '-live_start_index', '0', '-i', playlist, ...(seconds === undefined ? [] : ['-t', String(seconds)]), '-f', 'null', '-']);
  return stderr;
}
