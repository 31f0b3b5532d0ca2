/**
 * Follows an HLS playlist that grows (RFC 8216, section 6.3.4): each segment is read once, in order, soon after it is
 * listed. A segment that was missed, a media header that is new, and what the playlist itself calls a discontinuity
 * begin a new stretch. An origin that is silent is asked again, after ever longer pauses where it fails.
 */
import type { StreamDescription } from '#protocol/description';
import { MAX_CHUNK_BYTES, MAX_INIT_BYTES } from '#protocol/limits';
import { readPlaylist, type FilePart, type MasterPlaylist, type MediaPlaylist, type MediaSegment } from '../hls-text.ts';
import { IngestError } from '../ingest-error.ts';
import { extensionOf, type HlsPlace } from '../package-hls.ts';

export interface FollowedStretch {
  segment(bytes: Uint8Array, durationUs: number): void;
  ended(): void;
}

export interface FollowerNeeds {
  /** Address of a media playlist, as `openLivePlaylist` gives it. */
  readonly url: string;
  readonly place: HlsPlace;
  after(ms: number, run: () => void): () => void;
  /** @param backlogUs what of the stretch was listed already */
  onStretch(header: { readonly init: Uint8Array; readonly extension: StreamDescription['extension'] }, backlogUs: number): FollowedStretch;
  /** One sentence for the host. */
  onTrouble(sentence: string): void;
}

/** Segments behind the newest with which following begins: what players start behind (RFC 8216, section 6.3.3). */
const FIRST_SEGMENTS = 3;
/** Between two looks at a playlist, ms: half a segment, within these. */
const [LOOK_MS, LOOK_MAX_MS] = [500, 6_000];
/** After a failure, doubled up to the longest. */
const [RETRY_MS, RETRY_MAX_MS] = [1_000, 15_000];
/** Looks in a row without anything new before the source counts as away: five segments. */
const SILENT_LOOKS = 10;

/**
 * The media playlist to follow where an address is that of a live stream: of several qualities the best. Undefined where
 * everything is listed already. @throws IngestError where it cannot be followed.
 */
export async function openLivePlaylist(url: string, place: HlsPlace): Promise<string | undefined> {
  const playlist = readPlaylist(await place.readText(url));
  if (!playlist) throw new IngestError('badPlaylist', `${url} is no HLS playlist.`);
  if (playlist.type === 'media') return playlist.isEnded ? undefined : requireFollowable(url, playlist);
  const [best] = playlist.variants.toSorted((a, b) => b.height - a.height);
  if (!best) throw new IngestError('badPlaylist', `${url} lists no streams.`);
  const address = await place.resolve(url, best.uri);
  const media = readPlaylist(await place.readText(address));
  if (media?.type !== 'media') throw new IngestError('badPlaylist', `${address} is no HLS playlist.`);
  if (media.isEnded) return undefined;
  if (hasOwnSound(playlist, best.audio)) throw new IngestError('badPlaylist', `${url} is live with its sound in a playlist of its own, which cannot be followed: name one that has both.`);
  return requireFollowable(address, media);
}

const hasOwnSound = ({ renditions }: MasterPlaylist, group: string): boolean => renditions.some(({ kind, uri, group: own }) => kind === 'audio' && own === group && uri !== '');

function requireFollowable(url: string, { keys }: MediaPlaylist): string {
  if (keys.length === 0) return url;
  throw new IngestError('badPlaylist', `${url} is live and encrypted, which cannot be followed: its keys change as it goes on.`);
}

export class PlaylistFollower {
  readonly #needs: FollowerNeeds;
  #cancel: () => void = () => undefined;
  #isClosed = false;
  /** Number of the newest segment that was read; -1 before the first. */
  #newest = -1;
  #map = '';
  #stretch: FollowedStretch | undefined;
  #silentLooks = 0;
  #failures = 0;

  constructor(needs: FollowerNeeds) {
    this.#needs = needs;
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
    const { url, place } = this.#needs;
    const playlist = readPlaylist(await place.readText(url));
    if (playlist?.type !== 'media') throw new IngestError('badPlaylist', `${url} is no HLS playlist.`);
    const last = playlist.mediaSequence + playlist.segments.length - 1;
    // An origin that was started anew counts from the beginning again.
    if (last < this.#newest) {
      this.#newest = -1;
      this.#end();
    }
    const first = Math.max(this.#newest + 1, playlist.mediaSequence, this.#newest < 0 ? last - FIRST_SEGMENTS + 1 : 0);
    if (this.#newest >= 0 && first > this.#newest + 1) this.#end();
    const fresh = playlist.segments.slice(first - playlist.mediaSequence);
    for (const [at, segment] of fresh.entries()) {
      if (this.#isClosed) break;
      await this.#take(segment, playlist, fresh.slice(at).reduce((sum, { durationUs }) => sum + durationUs, 0));
      this.#newest = first + at;
    }
    this.#silentLooks = fresh.length > 0 ? 0 : this.#silentLooks + 1;
    if (playlist.isEnded || this.#silentLooks >= SILENT_LOOKS) this.#end();
    return Math.min(LOOK_MAX_MS, Math.max(LOOK_MS, (playlist.segments.at(-1)?.durationUs ?? 0) / 2_000));
  }

  async #take(segment: MediaSegment, { map }: MediaPlaylist, backlogUs: number): Promise<void> {
    const { url, place } = this.#needs;
    const reference = await place.resolve(url, segment.uri);
    const bytes = await place.readPart(reference, segment, MAX_CHUNK_BYTES);
    if (bytes.length === 0 || segment.durationUs <= 0) throw new IngestError('badPlaylist', `${url}: the segment ${segment.uri} is empty.`);
    const mapKey = map ? `${map.uri} ${map.offset}` : '';
    if (segment.isDiscontinuous || mapKey !== this.#map) this.#end();
    if (!this.#stretch) {
      this.#map = mapKey;
      this.#stretch = this.#needs.onStretch({ init: await this.#header(map), extension: extensionOf(segment.uri, { reference: url, said: {}, isSubtitles: false }) }, backlogUs);
    }
    this.#stretch.segment(bytes, segment.durationUs);
  }

  async #header(map: FilePart | undefined): Promise<Uint8Array> {
    if (!map) return new Uint8Array(0);
    const { url, place } = this.#needs;
    return place.readPart(await place.resolve(url, map.uri), map, MAX_INIT_BYTES);
  }

  #end(): void {
    this.#stretch?.ended();
    this.#stretch = undefined;
  }
}
