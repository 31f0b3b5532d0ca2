/**
 * Packages HLS that an origin serves already: every segment is read once for its records, none is kept. The bytes stay
 * with the origin and are read through when somebody wants them.
 */
import { createHash } from 'node:crypto';
import { readPlaylist, type FilePart } from '../hls-text.ts';
import { IngestError } from '../ingest-error.ts';
import { masterSources, packageHls, type HlsPlace, type HlsSource } from '../package-hls.ts';
import type { ChunkOrigin } from '../packaged-stream.ts';
import { guardedFetch, type FetchRules } from './guarded-fetch.ts';
import { PackageWriter, type MediaPackage, type PackagePlace } from './media-package.ts';

/** 48 hours of 2 s segments with long names. */
const MAX_PLAYLIST_BYTES = 16 * 1024 * 1024;

export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);

/** How the playlists look now: as long as they stay the same, the records do too. @throws IngestError. */
export async function lookAtAddress(url: string, rules: FetchRules): Promise<{ bytes: number; modifiedMs: number }> {
  const texts: string[] = [];
  const place = addressPlace(rules);
  const { sources, text } = await findSources(url, place);
  texts.push(text);
  for (const { reference } of sources) texts.push(reference, await place.readText(reference));
  const whole = texts.join('\n');
  return { bytes: whole.length, modifiedMs: createHash('sha256').update(whole).digest().readUIntBE(0, 6) };
}

/** @throws IngestError with nothing left behind. */
export async function packageAddress(url: string, { root, onProgress }: PackagePlace, rules: FetchRules): Promise<MediaPackage> {
  const place = addressPlace(rules);
  const { sources } = await findSources(url, place);
  const writer = await PackageWriter.create(root);
  try {
    const facts = await packageHls({
      place, sources, onProgress,
      store: (segment) => Promise.resolve(writer.addReference(segment.stream, segment, { url: segment.reference, offset: segment.part.offset })),
    });
    return await writer.finish(facts);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** The bytes of a chunk that stayed at its origin. @throws IngestError. */
export async function readOrigin({ url, offset }: ChunkOrigin, bytes: number, rules: FetchRules): Promise<Uint8Array> {
  return (await guardedFetch({ url, limit: bytes, range: { offset, length: bytes } }, rules)).bytes;
}

/** The media playlists that an address stands for, and its own text. @throws IngestError. */
export async function findSources(url: string, place: HlsPlace): Promise<{ sources: HlsSource[]; text: string }> {
  const text = await place.readText(url);
  const playlist = readPlaylist(text);
  if (!playlist) throw new IngestError('badPlaylist', `${url} is no HLS playlist.`);
  const sources = playlist.type === 'master' ? await masterSources(place, url, playlist) : [{ reference: url, said: {}, isSubtitles: false }];
  return { sources, text };
}

/** What an address refers to is found out when it is read: the guard looks at every request and redirect. */
export function addressPlace(rules: FetchRules): HlsPlace {
  const resolve = (base: string, uri: string): Promise<string> => {
    if (!URL.canParse(uri, base)) throw new IngestError('badPlaylist', `${base} points to "${uri.slice(0, 200)}", which is no address.`);
    return Promise.resolve(new URL(uri, base).href);
  };
  return {
    resolve,
    readText: async (url) => Buffer.from((await guardedFetch({ url, limit: MAX_PLAYLIST_BYTES }, rules)).bytes).toString('utf8'),
    readPart: async (url, { offset, length }: FilePart, limit) => {
      if (length !== undefined && length > limit) throw new IngestError('chunkTooLarge', `${url} is larger than ${Math.floor(limit / 1024)} KiB, the most that one piece of a stream may have.`);
      return (await guardedFetch({ url, limit, ...((offset > 0 || length !== undefined) && { range: { offset, length } }) }, rules)).bytes;
    },
    keyUri: resolve,
  };
}
