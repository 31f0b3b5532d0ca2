/**
 * Packages a folder that holds HLS already. Its segments are copied, so that what was signed cannot change behind our
 * back. Nothing outside the folder is ever read, whatever a playlist says.
 */
import { open, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { readPlaylist, type FilePart, type MasterPlaylist } from '../hls-text.ts';
import { IngestError, systemCode } from '../ingest-error.ts';
import { masterSources, packageHls as packageStreams, type HlsPlace, type HlsSource } from '../package-hls.ts';
import { PackageWriter, type MediaPackage, type PackagePlace } from './media-package.ts';

/** A key of AES-128 (RFC 8216, section 4.3.2.4). */
const KEY_BYTES = 16;

/** @throws IngestError with nothing left behind. */
export async function packageHls(given: string, { root, onProgress }: PackagePlace): Promise<MediaPackage> {
  const folder = await realpath(given);
  const place = folderPlace(folder);
  const sources = await findSources(folder, place);
  const writer = await PackageWriter.create(root);
  try {
    return await writer.finish(await packageStreams({ place, sources, onProgress, store: (segment) => writer.addChunk(segment.stream, segment.extension, segment) }));
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** The multivariant playlist if there is one, else the only media playlist. */
async function findSources(folder: string, place: HlsPlace): Promise<HlsSource[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.m3u8')).sort();
  const playlists = await Promise.all(names.map(async (name) => ({ path: join(folder, name), playlist: readPlaylist(await readFile(join(folder, name), 'utf8')) })));
  const master = playlists.find((one) => one.playlist?.type === 'master');
  if (master) return masterSources(place, master.path, master.playlist as MasterPlaylist);
  const media = playlists.filter((one) => one.playlist?.type === 'media');
  if (media.length === 1) return [{ reference: media[0]!.path, said: {}, isSubtitles: false }];
  if (media.length === 0) throw new IngestError('badPlaylist', `${folder} holds no HLS playlist (.m3u8).`);
  throw new IngestError('badPlaylist', `${folder} holds ${media.length} playlists and no multivariant playlist that says how they belong together.`);
}

function folderPlace(folder: string): HlsPlace {
  const find = (base: string, uri: string): Promise<string> => inside(folder, dirname(base), uri);
  return {
    resolve: find,
    readText: (path) => reading(path, () => readFile(path, 'utf8')),
    readPart,
    // A key that lies beside what it encrypts is no secret; it travels with the description.
    keyUri: async (base, uri) => (/^https?:/i.test(uri) ? uri : `data:application/octet-stream;base64,${Buffer.from(await readPart(await find(base, uri), { uri, offset: 0, length: undefined }, KEY_BYTES)).toString('base64')}`),
  };
}

/** Where a playlist's URI points to. @throws IngestError where that is not a file within the folder, links resolved. */
async function inside(folder: string, base: string, uri: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(uri)) throw new IngestError('badPlaylist', `A playlist in ${folder} points to ${uri}; only files of the folder can be hosted.`);
  const path = resolve(base, decoded(uri.replace(/\?.*$/, '')));
  const real = await reading(path, () => realpath(path));
  if (real.startsWith(folder + sep)) return real;
  throw new IngestError('badPlaylist', `A playlist in ${folder} points outside of it (${basename(uri)}); only files of the folder can be hosted.`);
}

/** A percent sign that starts no escape stands for itself, as in file names. */
function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

async function readPart(path: string, part: FilePart, limit: number): Promise<Uint8Array> {
  const file = await reading(path, () => open(path));
  try {
    const { size } = await file.stat();
    const length = Math.min(part.length ?? size, size - part.offset);
    if (length > limit) throw new IngestError('chunkTooLarge', `${path} is larger than ${Math.floor(limit / 1024)} KiB, the most that one piece of a stream may have.`);
    if (length < (part.length ?? 0) || length < 0) throw new IngestError('damaged', `${path} is shorter than its playlist says.`);
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, part.offset);
    return bytes;
  } finally {
    await file.close();
  }
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new IngestError('missing', code === 'ENOENT' ? `A playlist names ${path}, which is not there.` : `${path} cannot be read (${code}).`, error);
  }
}
