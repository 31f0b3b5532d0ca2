/** The clip the figures are for: one minute at 1.1 Mbit/s, made once by media/make-bench.sh where ffmpeg is installed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../scripts/browsers.ts';

const fromRoot = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

export interface Clip {
  readonly path: string;
  /** Said in the report when the figures are not for the stream of the targets. */
  readonly caveat: string | null;
}

export function findClip(log: (line: string) => void): Clip {
  const bench = fromRoot('media/bench.mp4');
  const demo = { path: fromRoot('media/demo.mp4'), caveat: 'ffmpeg is missing here, so the demo clip of 0.25 Mbit/s was played, not the bench clip of 1.1 Mbit/s.' };
  if (existsSync(bench)) return { path: bench, caveat: null };
  if (findProgram('ffmpeg') === undefined || findProgram('bash') === undefined) return demo;
  log('making the bench clip, once');
  const { status } = spawnSync('bash', [fromRoot('media/make-bench.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0 && existsSync(bench) ? { path: bench, caveat: null } : { ...demo, caveat: `media/make-bench.sh failed. ${demo.caveat}` };
}
