/** ffmpeg, where it is installed: finding it, and saying what to do where it is not. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { IngestError } from '../ingest-error.ts';

/** Names a program that is not in PATH. */
const VARIABLE = 'FFMPEG_PATH';

/** Full path of ffmpeg, or undefined. */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env[VARIABLE];
  if (given !== undefined) return isProgram(given) ? given : undefined;
  return (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg')).find(isProgram);
}

/** @param purpose what it is needed for, as the beginning of a sentence. @throws IngestError where it is not installed. */
export function requireFfmpeg(purpose: string, env: NodeJS.ProcessEnv = process.env): string {
  const found = findFfmpeg(env);
  if (found !== undefined) return found;
  if (env[VARIABLE] !== undefined) throw new IngestError('noFfmpeg', `${purpose} needs ffmpeg, and ${VARIABLE} names ${env[VARIABLE]}, which is no program.`);
  throw new IngestError('noFfmpeg', `${purpose} needs ffmpeg, which is not installed here: install it (Debian: apt install ffmpeg, macOS: brew install ffmpeg) or name it in ${VARIABLE}.`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
