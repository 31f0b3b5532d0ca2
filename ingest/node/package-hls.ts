/**
 * Packages a folder that holds HLS already: its segments become the chunks, byte for byte, its variants and renditions
 * the streams. They are copied, so that what was signed cannot change behind our back. Nothing outside the folder is
 * ever read, whatever a playlist says.
 */
import { open, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { bytesToBase64 } from '#protocol/base64';
import { MAX_CHUNK_BYTES, MAX_INIT_BYTES, MAX_LOG_CHUNKS, MAX_STREAMS } from '#protocol/limits';
import { readPlaylist, type FilePart, type MasterPlaylist, type MediaPlaylist, type Rendition, type Variant } from '../hls-text.ts';
import { IngestError, systemCode } from '../ingest-error.ts';
import { bitrates, targetDuration, type PackagedChunk, type PackagedStream } from '../packaged-stream.ts';
import { probeSegment } from '../probe-segment.ts';
import { PackageWriter, type MediaPackage, type PackagePlace } from './media-package.ts';

/** A media playlist of the folder and what the multivariant playlist says of it. */
interface Source {
  readonly path: string;
  readonly said: Partial<Variant> & Partial<Omit<Rendition, 'kind'>>;
  readonly isSubtitles: boolean;
}

/** @throws IngestError with nothing left behind. */
export async function packageHls(given: string, { root, onProgress }: PackagePlace): Promise<MediaPackage> {
  const folder = await realpath(given);
  const sources = await findSources(folder);
  const writer = await PackageWriter.create(root);
  try {
    const facts: PackagedStream['facts'][] = [];
    for (const [id, source] of sources.entries()) {
      facts.push(await writeStream(folder, source, id, writer));
      onProgress?.(facts.length / sources.length);
    }
    return await writer.finish(facts);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** The multivariant playlist if there is one, else the only media playlist. */
async function findSources(folder: string): Promise<Source[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.m3u8')).sort();
  const playlists = await Promise.all(names.map(async (name) => ({ path: join(folder, name), playlist: readPlaylist(await readFile(join(folder, name), 'utf8')) })));
  const master = playlists.find((one) => one.playlist?.type === 'master');
  if (master) return masterSources(folder, master.path, master.playlist as MasterPlaylist);
  const media = playlists.filter((one) => one.playlist?.type === 'media');
  if (media.length === 1) return [{ path: media[0]!.path, said: {}, isSubtitles: false }];
  if (media.length === 0) throw new IngestError('badPlaylist', `${folder} holds no HLS playlist (.m3u8).`);
  throw new IngestError('badPlaylist', `${folder} holds ${media.length} playlists and no multivariant playlist that says how they belong together.`);
}

async function masterSources(folder: string, path: string, master: MasterPlaylist): Promise<Source[]> {
  const groups = new Set(master.variants.flatMap((variant) => [variant.audio, variant.subtitles]));
  const renditions = master.renditions.filter((one) => one.uri !== '' && groups.has(one.group));
  const sources = [
    ...master.variants.map((said) => ({ said, isSubtitles: false })),
    ...renditions.map((said) => ({ said, isSubtitles: said.kind === 'subtitles' })),
  ];
  // Variants that differ in their audio group alone name the same playlist again.
  const distinct = sources.filter(({ said }, at) => sources.findIndex((other) => other.said.uri === said.uri) === at);
  if (distinct.length === 0 || distinct.length > MAX_STREAMS) throw new IngestError('badPlaylist', `${path} lists ${distinct.length} streams; 1 to ${MAX_STREAMS} can be hosted.`);
  return Promise.all(distinct.map(async (source) => ({ ...source, path: await inside(folder, dirname(path), source.said.uri) })));
}

async function writeStream(folder: string, source: Source, id: number, writer: PackageWriter): Promise<PackagedStream['facts']> {
  const playlist = await readMediaPlaylist(source.path);
  const part = async (one: FilePart, limit: number): Promise<Uint8Array> => readPart(await inside(folder, dirname(source.path), one.uri), one, limit);
  const init = playlist.map ? await part(playlist.map, MAX_INIT_BYTES) : new Uint8Array(0);
  const extension = extensionOf(playlist.segments[0]!.uri, source);
  const chunks: PackagedChunk[] = [];
  let [startUs, first] = [0, new Uint8Array(0)];
  for (const segment of playlist.segments) {
    const bytes = await part(segment, MAX_CHUNK_BYTES);
    if (bytes.length === 0 || segment.durationUs <= 0) throw new IngestError('badPlaylist', `${source.path}: the segment ${segment.uri} is empty.`);
    if (chunks.length === 0) first = Buffer.concat([init, bytes]);
    chunks.push(await writer.addChunk(id, extension, { startUs, durationUs: segment.durationUs, bytes }));
    startUs += segment.durationUs;
  }
  const found = source.isSubtitles ? { kind: 'subtitles', codecs: '', width: 0, height: 0, frameRate: 0 } as const : await probeSegment(source.path, first);
  const { said } = source;
  return {
    id,
    kind: found.kind,
    // The playlist's word is not taken for codecs: players refuse a stream whose codecs are announced wrongly.
    codecs: found.codecs,
    ...bitrates(chunks),
    width: said.width ? said.width : found.width,
    height: said.height ? said.height : found.height,
    frameRate: said.frameRate ? said.frameRate : found.frameRate,
    language: said.language?.slice(0, 35) ?? '',
    name: said.name?.slice(0, 100) ?? '',
    init: bytesToBase64(init),
    extension,
    targetDurationSeconds: targetDuration(source.path, chunks),
  };
}

async function readMediaPlaylist(path: string): Promise<MediaPlaylist> {
  const playlist = readPlaylist(await reading(path, () => readFile(path, 'utf8')));
  if (playlist?.type !== 'media' || playlist.segments.length === 0) throw new IngestError('badPlaylist', `${path} is not an HLS media playlist with segments.`);
  if (playlist.isEncrypted) throw new IngestError('badPlaylist', `${path} is encrypted, which is not supported.`);
  if (playlist.isBroken) throw new IngestError('badPlaylist', `${path} has discontinuities, which are not supported on demand; encode it in one piece.`);
  if (!playlist.isEnded) throw new IngestError('badPlaylist', `${path} is still growing (it has no EXT-X-ENDLIST); only finished streams can be hosted on demand.`);
  if (playlist.segments.length > MAX_LOG_CHUNKS) throw new IngestError('badPlaylist', `${path} has more than ${MAX_LOG_CHUNKS} segments.`);
  return playlist;
}

function extensionOf(uri: string, source: Source): PackagedStream['facts']['extension'] {
  const ending = /\.([a-z0-9]+)(?:\?.*)?$/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  if (source.isSubtitles) return 'vtt';
  if (ending === 'ts' || ending === 'aac') return ending;
  if (['m4s', 'mp4', 'm4v', 'm4a', 'cmfv', 'cmfa'].includes(ending)) return 'm4s';
  throw new IngestError('badPlaylist', `${source.path}: segments that end in .${ending} are not supported; fMP4 (.m4s) or MPEG-TS (.ts) is needed.`);
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
