/**
 * A quality ladder by ffmpeg: one decoding, an H.264 and AAC rendition for each height, keyframes of all at the same
 * moments, so that chunks of the same index cover the same time and a player may change between any two.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestError } from '../ingest-error.ts';

export interface LadderJob {
  readonly ffmpeg: string;
  /** File to convert; also how sentences call it. */
  readonly path: string;
  /** Heights in lines (widths where the picture stands upright). */
  readonly heights: readonly number[];
  /** Folder that the renditions are written into; made here. */
  readonly folder: string;
  /** Share of the film that is converted, 0 to 1. */
  readonly onProgress?: (ratio: number) => void;
}

export interface Rendition {
  readonly path: string;
  readonly height: number;
}

interface SourceFacts {
  readonly seconds: number;
  /** Shorter side of the picture as it is shown. */
  readonly lines: number;
  readonly isUpright: boolean;
  readonly hasSound: boolean;
}

/** Chunks of two seconds, as cut-policy.ts wants them. */
const KEYFRAME_S = 2;
/** A rendition a viewer starts with: what most connections carry at once. */
const START_LINES = 480;

/**
 * @returns renditions in the order of streams: first the one to start with, then from the finest down. Heights above the
 * source's own are left out. @throws IngestError with the sentence a person sees.
 */
export async function transcodeLadder({ ffmpeg, path, heights, folder, onProgress }: LadderJob): Promise<Rendition[]> {
  const facts = await lookInto(ffmpeg, path);
  const chosen = chooseHeights(heights, facts.lines);
  await mkdir(folder, { recursive: true });
  const renditions = chosen.map((height) => ({ height, path: join(folder, `${height}.mp4`) }));
  const child = spawn(ffmpeg, ladderArguments(path, facts, renditions), { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let lastWords = '';
  child.stderr!.on('data', (data) => (lastWords = (lastWords + String(data)).slice(-2000)));
  child.stdio[3]!.on('data', (data) => {
    const reached = [...String(data).matchAll(/out_time_us=(\d+)/g)].at(-1);
    if (reached && facts.seconds > 0) onProgress?.(Math.min(1, Number(reached[1]) / 1e6 / facts.seconds));
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return renditions;
  if (/No space left on device/.test(lastWords)) throw new IngestError('diskFull', `The disk that holds ${folder} is full: converting needs about as much room as the film.`);
  throw new IngestError('damaged', `ffmpeg cannot convert ${path} (${lastWords.trim().split('\n').at(-1) ?? 'no reason given'}).`);
}

/** The heights that make sense for a picture of so many lines, the one to start with first. Never empty. */
export function chooseHeights(heights: readonly number[], lines: number): number[] {
  const fitting = [...new Set(heights.filter((height) => height <= lines))].sort((a, b) => b - a);
  // Encoders want even numbers.
  if (fitting.length === 0) return [lines - (lines % 2)];
  const start = fitting.find((height) => height <= START_LINES) ?? fitting.at(-1)!;
  return [start, ...fitting.filter((height) => height !== start)];
}

async function lookInto(ffmpeg: string, path: string): Promise<SourceFacts> {
  // Without an output ffmpeg says what it found, and fails.
  const text = await new Promise<string>((resolve) => void execFile(ffmpeg, ['-hide_banner', '-nostdin', '-i', path], (_error, _out, err) => resolve(err)));
  const size = /Video: .*?[ ,](\d{2,5})x(\d{2,5})[ ,]/.exec(text);
  if (!size) throw new IngestError('notMedia', `${path} is nothing that ffmpeg finds a picture in.`);
  const [width, height] = [Number(size[1]), Number(size[2])];
  const rotation = Math.abs(Number(/rotation of (-?[\d.]+) degrees/.exec(text)?.[1] ?? 0));
  const isTurned = Math.round(rotation / 90) % 2 === 1;
  const clock = /Duration: (\d+):(\d+):([\d.]+)/.exec(text);
  return {
    seconds: clock ? Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]) : 0,
    lines: Math.min(width, height),
    isUpright: isTurned ? width > height : height > width,
    hasSound: /Stream #.*Audio:/.test(text),
  };
}

function ladderArguments(path: string, { isUpright, hasSound }: SourceFacts, renditions: readonly Rendition[]): string[] {
  const names = renditions.map((_, at) => `[v${at}]`);
  const scales = renditions.map(({ height }, at) => `[s${at}]scale=${isUpright ? `${height}:-2` : `-2:${height}`},setsar=1[v${at}]`);
  const split = `[0:v:0]split=${renditions.length}${renditions.map((_, at) => `[s${at}]`).join('')}`;
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', '-y', '-stats_period', '0.5', '-progress', 'pipe:3', '-i', path,
    '-filter_complex', [split, ...scales].join(';'),
    ...renditions.flatMap(({ path: out, height }, at) => [
      '-map', names[at]!, ...(hasSound ? ['-map', '0:a:0'] : []),
      '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-crf', '21', '-maxrate', `${peakKilobits(height)}k`, '-bufsize', `${2 * peakKilobits(height)}k`,
      '-force_key_frames', `expr:gte(t,n_forced*${KEYFRAME_S})`, '-sc_threshold', '0', '-g', '9999',
      '-c:a', 'aac', '-b:a', height <= 240 ? '64k' : '128k', '-ac', '2', out,
    ]),
  ];
}

/** 5 Mbit/s at 1080 lines, growing a little slower than the number of pixels: 2.6 at 720, 1.4 at 480, 0.45 at 240. */
const peakKilobits = (height: number): number => Math.max(200, Math.round(5000 * (height / 1080) ** 1.6));
