/** Packages a film in several qualities: ffmpeg makes the renditions, each becomes a stream of the same channel. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireFfmpeg } from './ffmpeg.ts';
import type { MediaPackage, PackagePlace } from './media-package.ts';
import { packageFiles } from './package-file.ts';
import { transcodeLadder } from './transcode-ladder.ts';

/** Share of the whole work that converting is; the rest copies. */
const CONVERTING = 0.95;

/** @param heights lines of the renditions wanted. @throws IngestError with nothing left behind. */
export async function packageLadder(path: string, heights: readonly number[], { root, onProgress }: PackagePlace): Promise<MediaPackage> {
  const ffmpeg = requireFfmpeg('--ladder');
  // Named like an unfinished package: what a crash leaves of it is cleared away at the next start.
  const folder = join(root, `.tmp-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    const renditions = await transcodeLadder({ ffmpeg, path, heights, folder, onProgress: (ratio) => onProgress?.(ratio * CONVERTING) });
    const files = renditions.map(({ path: file, height }) => ({ path: file, name: `${height}p` }));
    return await packageFiles(files, { root, onProgress: (ratio) => onProgress?.(CONVERTING + ratio * (1 - CONVERTING)) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
