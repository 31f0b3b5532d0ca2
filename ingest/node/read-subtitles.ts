/**
 * The text subtitles inside a media file, by ffmpeg where it is installed; without it there are none. Pictures of words
 * (Blu-ray, DVD) cannot be turned into text and are left out.
 */
import { execFile } from 'node:child_process';
import { findFfmpeg } from './ffmpeg.ts';

export interface Subtitles {
  /** ISO 639 code or BCP 47 tag, empty where the file does not say. */
  readonly language: string;
  readonly name: string;
  /** WebVTT, its times in the file's own time. */
  readonly text: string;
}

/** What ffmpeg turns into WebVTT. */
const TEXT_CODECS = /^(subrip|srt|ass|ssa|mov_text|webvtt|text|ttml)$/;
/** The words of a very long film; more is no film's. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Subtitles of one film; each costs a reading of the file. */
const MOST = 12;

/** In the file's order. A track that cannot be read is left out: the film is as good without. */
export async function readSubtitles(path: string, ffmpeg = findFfmpeg()): Promise<Subtitles[]> {
  if (ffmpeg === undefined) return [];
  // Without an output ffmpeg says what it found, and fails.
  const said = (await run(ffmpeg, ['-hide_banner', '-nostdin', '-i', path])).err;
  const found = [...said.matchAll(/Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\((\w+)\))?: Subtitle: (\w+)[^\n]*((?:\n\s{4,}(?!Stream)[^\n]*)*)/g)]
    .map(([, index, language = '', codec = '', more = '']) => ({ index: Number(index), language, codec, name: /\n\s+title\s*: (.*)/.exec(more)?.[1]?.trim() ?? '' }))
    .filter(({ codec }) => TEXT_CODECS.test(codec))
    .slice(0, MOST);
  if (found.length === 0) return [];
  const texts = await Promise.all(found.map(({ index }) => run(ffmpeg, ['-nostdin', '-loglevel', 'error', '-copyts', '-i', path, '-map', `0:${index}`, '-f', 'webvtt', 'pipe:1'])));
  return found.flatMap(({ language, name }, at) => (texts[at]!.out === '' ? [] : [{ language: language === 'und' ? '' : language, name, text: texts[at]!.out }]));
}

const run = (ffmpeg: string, args: readonly string[]): Promise<{ out: string; err: string }> =>
  new Promise((resolve) => void execFile(ffmpeg, args, { maxBuffer: MAX_BYTES }, (_error, out, err) => resolve({ out, err })));
