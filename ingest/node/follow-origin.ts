/**
 * Follows the HLS playlists of an origin as they grow (RFC 8216, section 6.3.4), all its qualities, languages and
 * subtitles: each segment is read once, in order, soon after it is listed. A segment that was missed, and numbers that
 * begin anew, begin a new stretch. An origin that is silent is asked again, after ever longer pauses where it fails.
 */
import type { StreamDescription } from '#protocol/description';
import { MAX_CHUNK_BYTES, MAX_INIT_BYTES } from '#protocol/limits';
import { keysAt, readPlaylist, type FilePart, type KeyTag, type MediaPlaylist, type MediaSegment } from '../hls-text.ts';
import { IngestError } from '../ingest-error.ts';
import { extensionOf, withKeyUri, type HlsPlace, type HlsSource } from '../package-hls.ts';
import { findSources } from './package-address.ts';

/** A stream as a stretch begins: where it comes from, and its first segment. */
export interface FollowedStream {
  readonly source: HlsSource;
  /** ftyp and moov; empty where segments need none. */
  readonly init: Uint8Array;
  readonly extension: StreamDescription['extension'];
  /** What encrypts it, passed on as it stands. */
  readonly keys: readonly LiveKey[];
  readonly first: FollowedSegment;
}

/** An EXT-X-KEY tag that viewers can follow. */
export type LiveKey = Omit<NonNullable<StreamDescription['keys']>[number], 'from'>;

export interface FollowedSegment {
  readonly bytes: Uint8Array;
  readonly durationUs: number;
  /** The origin's own number, which AES-128 takes for its vector. */
  readonly mediaSequence: number;
}

export interface FollowedStretch {
  /** @param change breaks of the origin's own since the stretch began, and the media header that is new with this segment */
  chunk(stream: number, segment: FollowedSegment, change: { readonly discontinuities: number; readonly init?: Uint8Array }): void;
  ended(): void;
}

export interface FollowerNeeds {
  /** As `openLiveOrigin` gives them. */
  readonly sources: readonly HlsSource[];
  readonly place: HlsPlace;
  after(ms: number, run: () => void): () => void;
  /** @param backlogUs what of the stretch was listed already */
  onStretch(streams: readonly FollowedStream[], backlogUs: number): FollowedStretch;
  /** One sentence for the host. */
  onTrouble(sentence: string): void;
}

/** Segments behind the newest with which following begins: what players start behind (RFC 8216, section 6.3.3). */
const FIRST_SEGMENTS = 3;
/** Between two looks at the playlists, ms: half a segment, within these. */
const [LOOK_MS, LOOK_MAX_MS] = [500, 6_000];
/** After a failure, doubled up to the longest. */
const [RETRY_MS, RETRY_MAX_MS] = [1_000, 15_000];
/** Looks in a row without anything new before the source counts as away: five segments. */
const SILENT_LOOKS = 10;

/** The media playlists to follow where an address is that of a live stream; undefined where everything is listed already. @throws IngestError where it cannot be followed. */
export async function openLiveOrigin(url: string, place: HlsPlace): Promise<readonly HlsSource[] | undefined> {
  const { sources } = await findSources(url, place);
  const playlists = await Promise.all(sources.map(({ reference }) => readMedia(reference, place)));
  return playlists.every(({ isEnded }) => isEnded) ? undefined : sources;
}

async function readMedia(reference: string, place: HlsPlace): Promise<MediaPlaylist> {
  const playlist = readPlaylist(await place.readText(reference));
  if (playlist?.type !== 'media') throw new IngestError('badPlaylist', `${reference} is no HLS playlist.`);
  return playlist;
}

/** How far one playlist has been followed. */
interface Progress {
  readonly source: HlsSource;
  /** Number of the newest segment that was read; -1 before the first. */
  newest: number;
  /** What the stretch began with, and what is in force now. */
  firstDiscontinuity: number;
  discontinuity: number;
  map: string;
  keys: string;
}

/** A segment that is listed and not read yet. */
interface Listed {
  readonly segment: MediaSegment;
  readonly number: number;
  readonly keys: readonly KeyTag[];
}

export class OriginFollower {
  readonly #needs: FollowerNeeds;
  readonly #streams: readonly Progress[];
  #cancel: () => void = () => undefined;
  #isClosed = false;
  #stretch: FollowedStretch | undefined;
  /** Whether the next stretch goes on with what is there, and no segment is passed over. */
  #isRenewing = false;
  #silentLooks = 0;
  #failures = 0;

  constructor(needs: FollowerNeeds) {
    this.#needs = needs;
    this.#streams = needs.sources.map((source) => ({ source, newest: -1, firstDiscontinuity: 0, discontinuity: 0, map: '', keys: '' }));
  }

  /** Resolves when the first segments are read. @throws IngestError where they cannot be. */
  async start(): Promise<void> {
    this.#later(await this.#look());
  }

  /** Idempotent; nothing is read after it. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#end();
  }

  #later(ms: number): void {
    if (!this.#isClosed) this.#cancel = this.#needs.after(ms, () => void this.#again());
  }

  async #again(): Promise<void> {
    try {
      const waitMs = await this.#look();
      this.#failures = 0;
      this.#later(waitMs);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      this.#failures += 1;
      if (this.#failures === 3) {
        this.#needs.onTrouble(`The origin does not answer as it did: ${error.message}`);
        this.#end();
      }
      this.#later(Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (this.#failures - 1)));
    }
  }

  /** Reads what is new. @returns ms until it is worth looking again. */
  async #look(): Promise<number> {
    const lists = await Promise.all(this.#streams.map(({ source }) => readMedia(source.reference, this.#needs.place)));
    if (lists.some((list, at) => lastOf(list) < this.#streams[at]!.newest)) {
      // An origin that was started anew counts from the beginning again.
      for (const stream of this.#streams) stream.newest = -1;
      this.#end();
    }
    if (lists.some((list, at) => this.#stretch && list.mediaSequence > this.#streams[at]!.newest + 1)) this.#end();
    const firsts = this.#firstOf(lists);
    const fresh = lists.map((list, at) => listedFrom(list, firsts[at]!));
    // A stretch begins with all of its streams.
    if (this.#stretch || fresh.every((listed) => listed.length > 0)) await this.#takeAll(fresh);
    const isNew = fresh.some((listed) => listed.length > 0);
    this.#silentLooks = isNew ? 0 : this.#silentLooks + 1;
    if (lists.every(({ isEnded }) => isEnded) || this.#silentLooks >= SILENT_LOOKS) this.#end();
    return Math.min(LOOK_MAX_MS, Math.max(LOOK_MS, (lists[0]!.segments.at(-1)?.durationUs ?? 0) / 2_000));
  }

  /** Numbers of the segments that the streams go on with. They begin together, which their numbers tell where they have the same. */
  #firstOf(lists: readonly MediaPlaylist[]): number[] {
    const own = this.#streams.map(({ newest }, at) => (newest < 0 ? lastOf(lists[at]!) - FIRST_SEGMENTS + 1 : Math.max(newest + 1, lists[at]!.mediaSequence)));
    if (this.#stretch || this.#isRenewing) return own;
    const together = Math.max(...own);
    return own.map((first, at) => (together >= lists[at]!.mediaSequence && together <= lastOf(lists[at]!) + 1 ? together : first));
  }

  /** One segment of each stream at a time, so that none is ahead of the others. */
  async #takeAll(fresh: readonly (readonly Listed[])[]): Promise<void> {
    const most = Math.max(...fresh.map(({ length }) => length));
    for (let rank = 0; rank < most && !this.#isClosed; rank++) {
      const turn = await Promise.all(fresh.map(async (listed, at) => {
        const one = listed[rank];
        return one && this.#read(this.#streams[at]!, one);
      }));
      if (!this.#stretch) await this.#begin(turn.map((read) => read!), fresh[0]!.reduce((sum, { segment }) => sum + segment.durationUs, 0));
      for (const [at, read] of turn.entries()) if (read && !this.#hand(at, read)) return;
    }
  }

  async #read({ source, map }: Progress, { segment, number, keys }: Listed): Promise<ReadSegment> {
    const { place } = this.#needs;
    const bytes = await place.readPart(await place.resolve(source.reference, segment.uri), segment, MAX_CHUNK_BYTES);
    if (bytes.length === 0 || segment.durationUs <= 0) throw new IngestError('badPlaylist', `${source.reference}: the segment ${segment.uri} is empty.`);
    const name = nameOf(segment.map);
    const init = segment.map && (!this.#stretch || name !== map) ? await place.readPart(await place.resolve(source.reference, segment.map.uri), segment.map, MAX_INIT_BYTES) : undefined;
    return { segment, number, keys, bytes, map: name, init };
  }

  async #begin(firsts: readonly ReadSegment[], backlogUs: number): Promise<void> {
    const streams = await Promise.all(firsts.map(async (read, at) => {
      const stream = this.#streams[at]!;
      const { source } = stream;
      const { segment, keys, map, init } = read;
      Object.assign(stream, { map, keys: nameOfKeys(keys), firstDiscontinuity: segment.discontinuity, discontinuity: segment.discontinuity });
      return { source, init: Uint8Array.from(init ?? []), extension: extensionOf(segment.uri, source), keys: await this.#keysOf(source, read), first: followed(read) };
    }));
    this.#stretch = this.#needs.onStretch(streams, backlogUs);
    this.#isRenewing = false;
  }

  async #keysOf({ reference }: HlsSource, { keys, segment }: ReadSegment): Promise<LiveKey[]> {
    return Promise.all(keys.map(async ({ attributes, isForInit }) => ({ attributes: await withKeyUri(this.#needs.place, reference, attributes), ...(isForInit && segment.map && { isForInit }) })));
  }

  /**
   * @returns whether the stretch goes on. Viewers look for new headers and keys where a break is: what changes one without
   * a break of its own begins a new stretch, as does a count of breaks that is another than before.
   */
  #hand(at: number, read: ReadSegment): boolean {
    const stream = this.#streams[at]!;
    const { segment, number, keys, map, init } = read;
    const isNewHeader = map !== stream.map;
    const isBroken = segment.discontinuity < stream.discontinuity || nameOfKeys(keys) !== stream.keys;
    if (isBroken || (isNewHeader && segment.discontinuity === stream.discontinuity)) {
      // Not ended: the source is there, and goes on at the next look.
      this.#stretch = undefined;
      this.#isRenewing = true;
      return false;
    }
    const discontinuities = segment.discontinuity - stream.firstDiscontinuity;
    this.#stretch?.chunk(at, followed(read), { discontinuities, ...(isNewHeader && init && { init: Uint8Array.from(init) }) });
    Object.assign(stream, { newest: number, map, discontinuity: segment.discontinuity });
    return true;
  }

  #end(): void {
    this.#stretch?.ended();
    this.#stretch = undefined;
    this.#isRenewing = false;
  }
}

interface ReadSegment extends Listed {
  readonly bytes: Uint8Array;
  /** Name of its media header, and the header where it is new. */
  readonly map: string;
  readonly init: Uint8Array | undefined;
}

const followed = ({ bytes, segment, number }: ReadSegment): FollowedSegment => ({ bytes, durationUs: segment.durationUs, mediaSequence: number });
const nameOfKeys = (keys: readonly KeyTag[]): string => keys.map(({ attributes }) => attributes).join('\n');
const nameOf = (map: FilePart | undefined): string => (map ? `${map.uri} ${map.offset}` : '');
const lastOf = ({ mediaSequence, segments }: MediaPlaylist): number => mediaSequence + segments.length - 1;

/** The segments from that number on. */
function listedFrom(list: MediaPlaylist, first: number): Listed[] {
  return list.segments.map((segment, at) => ({ segment, number: list.mediaSequence + at, keys: keysAt(list, at) })).filter(({ number }) => number >= first);
}
