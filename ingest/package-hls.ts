/**
 * Packages HLS that is there already, wherever it lies: its segments become the chunks, byte for byte, its variants and
 * renditions the streams. What encrypts them is passed on as it stands. Where a playlist may point to, and what becomes
 * of a chunk's bytes, is the caller's.
 */
import { bytesToBase64 } from '#protocol/base64';
import type { StreamDescription } from '#protocol/description';
import { MAX_CHUNK_BYTES, MAX_INIT_BYTES, MAX_LOG_CHUNKS, MAX_STREAM_KEYS, MAX_STREAMS } from '#protocol/limits';
import { concatenate } from './boxes.ts';
import { readAttributes, readPlaylist, type FilePart, type KeyTag, type MasterPlaylist, type MediaPlaylist, type MediaSegment, type Rendition, type Variant } from './hls-text.ts';
import { IngestError } from './ingest-error.ts';
import { bitrates, targetDuration, type PackagedChunk, type PackagedStream } from './packaged-stream.ts';
import { streamFacts } from './stream-facts.ts';

/** A folder or an origin. Its references are paths or addresses, made by `resolve` alone. */
export interface HlsPlace {
  /** What a playlist's URI refers to. @throws IngestError where it must not be followed. */
  resolve(base: string, uri: string): Promise<string>;
  readText(reference: string): Promise<string>;
  /** @throws IngestError where the part is not there, or longer than `limit` bytes. */
  readPart(reference: string, part: FilePart, limit: number): Promise<Uint8Array>;
  /** The URI of a key as viewers can ask for it. @throws IngestError where they cannot. */
  keyUri(base: string, uri: string): Promise<string>;
}

/** A media playlist and what the multivariant playlist says of it. */
export interface HlsSource {
  readonly reference: string;
  readonly said: Partial<Variant> & Partial<Omit<Rendition, 'kind'>>;
  readonly isSubtitles: boolean;
}

/** A segment that was read, on its way to wherever chunks go. */
export interface ReadSegment {
  readonly stream: number;
  readonly extension: StreamDescription['extension'];
  readonly startUs: number;
  readonly durationUs: number;
  readonly bytes: Uint8Array;
  /** Where the bytes came from. */
  readonly reference: string;
  readonly part: FilePart;
}

export interface HlsJob {
  readonly place: HlsPlace;
  readonly sources: readonly HlsSource[];
  readonly store: (segment: ReadSegment) => Promise<PackagedChunk>;
  /** Share of all segments that is done, 0 to 1. */
  onProgress?: ((ratio: number) => void) | undefined;
}

/** The streams that a multivariant playlist joins. @throws IngestError where there are none, or too many. */
export async function masterSources(place: HlsPlace, reference: string, master: MasterPlaylist): Promise<HlsSource[]> {
  const groups = new Set(master.variants.flatMap((variant) => [variant.audio, variant.subtitles]));
  const renditions = master.renditions.filter((one) => one.uri !== '' && groups.has(one.group));
  // A rendition that is listed as a variant too, for who wants nothing but sound, has its language where it is a rendition.
  const variants = master.variants.filter(({ uri }) => !renditions.some((one) => one.uri === uri));
  const sources = [
    ...variants.map((said) => ({ said, isSubtitles: false })),
    ...renditions.map((said) => ({ said, isSubtitles: said.kind === 'subtitles' })),
  ];
  // Variants that differ in their audio group alone name the same playlist again.
  const distinct = sources.filter(({ said }, at) => sources.findIndex((other) => other.said.uri === said.uri) === at);
  if (distinct.length === 0 || distinct.length > MAX_STREAMS) throw new IngestError('badPlaylist', `${reference} lists ${distinct.length} streams; 1 to ${MAX_STREAMS} can be hosted.`);
  return Promise.all(distinct.map(async (source) => ({ ...source, reference: await place.resolve(reference, source.said.uri) })));
}

/** The facts of every stream, after `store` has taken all segments, one after the other. @throws IngestError. */
export async function packageHls({ place, sources, store, onProgress }: HlsJob): Promise<PackagedStream['facts'][]> {
  const playlists = await Promise.all(sources.map(async ({ reference }) => requirePlaylist(reference, await place.readText(reference))));
  const total = playlists.reduce((sum, { segments }) => sum + segments.length, 0);
  const facts: PackagedStream['facts'][] = [];
  let done = 0;
  for (const [id, source] of sources.entries()) {
    const packageOne = new StreamPackager({ place, source, id, playlist: playlists[id]! }, async (segment) => {
      const chunk = await store(segment);
      onProgress?.(++done / total);
      return chunk;
    });
    facts.push(await packageOne.run());
  }
  return facts;
}

interface StreamJob {
  readonly place: HlsPlace;
  readonly source: HlsSource;
  readonly id: number;
  readonly playlist: MediaPlaylist;
}

class StreamPackager {
  readonly #job: StreamJob;
  readonly #store: HlsJob['store'];

  constructor(job: StreamJob, store: HlsJob['store']) {
    this.#job = job;
    this.#store = store;
  }

  async run(): Promise<PackagedStream['facts']> {
    const { place, source, id, playlist } = this.#job;
    const { reference } = source;
    const init = playlist.map ? await place.readPart(await place.resolve(reference, playlist.map.uri), playlist.map, MAX_INIT_BYTES) : new Uint8Array(0);
    const extension = extensionOf(playlist.segments[0]!.uri, source);
    const keys = await this.#keys();
    const chunks: PackagedChunk[] = [];
    let [startUs, first] = [0, new Uint8Array(0)];
    for (const segment of playlist.segments) {
      const read = await this.#read(segment, { extension, startUs });
      if (chunks.length === 0) first = Uint8Array.from(concatenate([init, read.bytes]));
      chunks.push(await this.#store(read));
      startUs += segment.durationUs;
    }
    return {
      id,
      ...(await streamFacts(source, first, keys.length > 0)),
      ...bitrates(chunks),
      init: bytesToBase64(init),
      extension,
      ...(keys.length > 0 && { keys }),
      targetDurationSeconds: targetDuration(reference, chunks),
    };
  }

  async #read(segment: MediaSegment, { extension, startUs }: Pick<ReadSegment, 'extension' | 'startUs'>): Promise<ReadSegment> {
    const { place, source, id } = this.#job;
    const reference = await place.resolve(source.reference, segment.uri);
    const bytes = await place.readPart(reference, segment, MAX_CHUNK_BYTES);
    if (bytes.length === 0 || segment.durationUs <= 0) throw new IngestError('badPlaylist', `${source.reference}: the segment ${segment.uri} is empty.`);
    return { stream: id, extension, startUs, durationUs: segment.durationUs, bytes, reference, part: segment };
  }

  /** The key tags with addresses that viewers can follow. */
  async #keys(): Promise<NonNullable<StreamDescription['keys']>> {
    const { place, source, playlist } = this.#job;
    const tags = playlist.keys.flatMap((tag, at) => withVectors(tag, playlist, playlist.keys[at + 1]?.from));
    if (tags.length > MAX_STREAM_KEYS) throw new IngestError('badPlaylist', `${source.reference} changes its key more than ${MAX_STREAM_KEYS} times.`);
    return Promise.all(tags.map(async ({ from, attributes, isForInit }) => ({ from, attributes: await withKeyUri(place, source.reference, attributes), ...(isForInit && playlist.map && { isForInit }) })));
  }
}

/** A key tag's attributes with an address that viewers can follow. @throws IngestError where there is none. */
export async function withKeyUri(place: HlsPlace, reference: string, attributes: string): Promise<string> {
  const uri = readAttributes(attributes).get('URI');
  // Addresses of DRM systems (skd:, urn:, data:) are theirs alone.
  if (uri === undefined || /^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(uri)) return attributes;
  return attributes.replace(`"${uri}"`, `"${await place.keyUri(reference, uri)}"`);
}

/**
 * AES-128 without an initialisation vector takes the segment's media sequence number (RFC 8216, section 5.2). Ours start
 * at 0: where the playlist's do not, each segment gets its vector said.
 */
function withVectors(tag: KeyTag, { mediaSequence, segments }: MediaPlaylist, until = segments.length): KeyTag[] {
  const attributes = readAttributes(tag.attributes);
  if (attributes.get('METHOD') !== 'AES-128' || attributes.has('IV') || mediaSequence === 0) return [tag];
  return segments.slice(tag.from, Math.max(until, tag.from + 1)).map((_, at) => {
    const vector = (mediaSequence + tag.from + at).toString(16).padStart(32, '0');
    return { from: tag.from + at, attributes: `${tag.attributes},IV=0x${vector}`, isForInit: tag.isForInit && at === 0 };
  });
}

function requirePlaylist(reference: string, text: string): MediaPlaylist {
  const playlist = readPlaylist(text);
  if (playlist?.type !== 'media' || playlist.segments.length === 0) throw new IngestError('badPlaylist', `${reference} is not an HLS media playlist with segments.`);
  if (playlist.isBroken) throw new IngestError('badPlaylist', `${reference} has discontinuities, which are not supported on demand; encode it in one piece.`);
  if (!playlist.isEnded) throw new IngestError('badPlaylist', `${reference} is still growing (it has no EXT-X-ENDLIST); only finished streams can be hosted on demand.`);
  if (playlist.segments.length > MAX_LOG_CHUNKS) throw new IngestError('badPlaylist', `${reference} has more than ${MAX_LOG_CHUNKS} segments.`);
  return playlist;
}

export function extensionOf(uri: string, source: HlsSource): StreamDescription['extension'] {
  const ending = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  if (source.isSubtitles) return 'vtt';
  if (ending === 'ts' || ending === 'aac') return ending;
  if (['m4s', 'mp4', 'm4v', 'm4a', 'cmfv', 'cmfa'].includes(ending)) return 'm4s';
  throw new IngestError('badPlaylist', `${source.reference}: segments that end in .${ending} are not supported; fMP4 (.m4s) or MPEG-TS (.ts) is needed.`);
}
