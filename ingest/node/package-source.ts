/** Packages whatever was given: a media file, a folder that holds HLS already, or the address of such. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestError, systemCode } from '../ingest-error.ts';
import type { RemuxMode } from '../remux.ts';
import { isAddress, lookAtAddress, packageAddress } from './package-address.ts';
import { packageFile } from './package-file.ts';
import { packageHls } from './package-hls.ts';
import { packageLadder } from './package-ladder.ts';
import { FETCH_TIMEOUT_MS, type FetchRules } from './guarded-fetch.ts';
import type { MediaPackage, PackagePlace } from './media-package.ts';

/** Goes up with every change that makes other chunks of the same file; sources are then packaged again. */
export const PACKAGER_VERSION = 3;

/** How a source looks from outside: as long as this stays the same, so does its package. */
export interface SourceLook {
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly isFolder: boolean;
}

/** How addresses are read. @param allowsPrivate whether they may be of private networks */
export const fetchRules = (allowsPrivate: boolean): FetchRules => ({ allowsPrivate, timeoutMs: FETCH_TIMEOUT_MS });

/** @throws IngestError when there is nothing at that path or address. */
export async function lookAt(path: string, rules: FetchRules): Promise<SourceLook> {
  if (isAddress(path)) return { ...(await lookAtAddress(path, rules)), isFolder: false };
  try {
    const own = await stat(path);
    if (!own.isDirectory()) return { bytes: own.size, modifiedMs: Math.floor(own.mtimeMs), isFolder: false };
    return { ...(await lookInto(path)), isFolder: true };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new IngestError('missing', isMissing ? `There is no file or folder ${path}.` : `${path} cannot be opened (${code}).`, error);
  }
}

/** A folder looks the same while names, sizes and times of all its files do; the hash stands in for one file's time. */
async function lookInto(folder: string): Promise<{ bytes: number; modifiedMs: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const { size, mtimeMs } = await stat(file);
    bytes += size;
    hash.update(`${file}\n${size} ${Math.floor(mtimeMs)}\n`);
  }
  return { bytes, modifiedMs: hash.digest().readUIntBE(0, 6) };
}

export interface PackagingJob extends PackagePlace {
  readonly path: string;
  readonly look: SourceLook;
  readonly rules: FetchRules;
  /** Lines of the renditions that a film is converted into; undefined: as it is. */
  readonly ladder: readonly number[] | undefined;
  readonly mode: RemuxMode;
}

/** @throws IngestError with the sentence a person sees. */
export async function packageSource({ path, look, mode, rules, ladder, ...place }: PackagingJob): Promise<MediaPackage> {
  if (ladder) {
    if (look.isFolder || isAddress(path)) throw new IngestError('badPlaylist', `${path} is HLS already, in the qualities it has; --ladder converts a film.`);
    return packageLadder(path, ladder, place);
  }
  if (isAddress(path) && mode === 'once') return packageAddress(path, place, rules);
  if (!look.isFolder) return packageFile(path, mode, place);
  if (mode === 'loop') throw new IngestError('badPlaylist', `${path} is a folder, which can be hosted with --vod only; --live needs a media file.`);
  return packageHls(path, place);
}
