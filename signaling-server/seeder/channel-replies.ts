/**
 * Answers about channels: the list, a channel's description, its playlists for players that know nothing of peers, its
 * media headers, log entries and chunks. What may be cached, and for how long, is decided here.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { base64ToBytes } from '#protocol/base64';
import type { StreamDescription } from '#protocol/description';
import { streamId, type ChannelId } from '#protocol/ids';
import { headerOf } from '#protocol/media-header';
import { paths, type ChannelListing } from '#protocol/paths';
import { writeThumbnailTrack } from '#protocol/pictures';
import { vodPlaylistChunks, writeMasterPlaylist, writeMediaPlaylist, type PlaylistChunk } from '#protocol/playlist';
import { encodeLogEntries, type LogEntry } from '#protocol/record';
import { answerRange, namesTag } from './byte-range.ts';
import type { ChunkCache } from './chunk-cache.ts';
import { failure, json, NO_BODY, text, type Reply } from './reply.ts';
import type { Route } from './route.ts';
import type { Audience, ChannelDirectory, ServedChannel } from './served-channel.ts';
import type { OtherKind, Traffic } from './traffic.ts';

/** A chunk never changes: its index is signed with its hash. */
const FOREVER = 'public, max-age=31536000, immutable';
/** What follows the head of a live channel; a shared cache in front still takes most of the load. */
const A_SECOND = 'public, max-age=1';
const A_MINUTE = 'public, max-age=60';
const HLS = 'application/vnd.apple.mpegurl';

const CHUNK_TYPES: Readonly<Record<StreamDescription['extension'], string>> = {
  m4s: 'video/iso.segment',
  ts: 'video/mp2t',
  aac: 'audio/aac',
  vtt: 'text/vtt; charset=utf-8',
};

export type ChannelRoute = Extract<Route, { readonly channel: string }>;

export class ChannelReplies {
  readonly #directory: ChannelDirectory;
  readonly #audience: (channel: ChannelId) => Audience;
  readonly #cache: ChunkCache;
  readonly #traffic: Traffic;

  constructor(needs: {
    directory: ChannelDirectory;
    audience: (channel: ChannelId) => Audience;
    cache: ChunkCache;
    traffic: Traffic;
  }) {
    this.#directory = needs.directory;
    this.#audience = needs.audience;
    this.#cache = needs.cache;
    this.#traffic = needs.traffic;
  }

  list(): Reply {
    const listed = this.#directory.list().filter(({ isListed }) => isListed);
    return json(listed.map((channel) => this.#listing(channel)), 200, { 'Cache-Control': A_SECOND });
  }

  async answer(route: ChannelRoute, headers: IncomingHttpHeaders): Promise<Reply> {
    const channel = this.#directory.find(route.channel);
    if (!channel) return failure(404, 'There is no such channel here.');
    switch (route.to) {
      case 'description':
        return this.#counted(channel, 'description', json(channel.signedDescription, 200, { 'Cache-Control': channel.kind === 'live' ? A_SECOND : 'public, max-age=10' }));
      case 'master':
        return this.#counted(channel, 'playlist', text(writeMasterPlaylist(channel.description), HLS, { 'Cache-Control': A_MINUTE }));
      case 'thumbnails':
        return thumbnailTrack(channel);
      case 'picture':
        return picture(channel, route.hash);
    }
    const stream = channel.description.streams.find((one) => one.id === route.stream);
    if (!stream) return failure(404, 'The channel has no such stream.');
    switch (route.to) {
      case 'playlist':
        return this.#counted(channel, 'playlist', playlist(channel, stream));
      case 'init':
        return this.#counted(channel, 'init', initSection(stream, route.from));
      case 'records':
        return this.#counted(channel, 'records', records(channel, route));
      case 'chunk':
        return this.#chunk(channel, stream, route, headers);
    }
  }

  #listing(channel: ServedChannel): ChannelListing {
    const best = channel.description.streams.reduce((a, b) => (b.averageBandwidth > a.averageBandwidth ? b : a));
    const { viewers, offloadRatio } = this.#audience(channel.id);
    return {
      id: channel.id,
      title: channel.title,
      kind: channel.kind,
      viewers,
      bitrate: best.averageBandwidth,
      durationSeconds: channel.durationSeconds,
      width: best.width,
      height: best.height,
      offloadRatio,
      poster: channel.description.poster ? paths.picture(channel.id, channel.description.poster.hash) : null,
    };
  }

  #counted(channel: ServedChannel, kind: OtherKind, reply: Reply): Reply {
    return { ...reply, onSent: (bytes) => this.#traffic.countOther(channel.id, kind, bytes) };
  }

  async #chunk(
    channel: ServedChannel,
    stream: StreamDescription,
    route: Extract<ChannelRoute, { readonly to: 'chunk' }>,
    headers: IncomingHttpHeaders,
  ): Promise<Reply> {
    const entry = route.extension === stream.extension ? channel.entry(stream.id, route.index) : undefined;
    if (!entry) return unavailable(channel, stream.id, route.index);
    const tag = `"${Buffer.from(entry.signed.record.root).toString('hex')}"`;
    const common = { 'Content-Type': CHUNK_TYPES[stream.extension], 'Cache-Control': FOREVER, 'Accept-Ranges': 'bytes', ETag: tag };
    this.#traffic.countRequest(channel.id, stream.id);
    if (namesTag(headers['if-none-match'], tag)) return { status: 304, headers: common, body: NO_BODY };
    const bytes = await this.#cache.get(`${channel.id}/${stream.id}/${route.index}`, () => channel.readChunk(stream.id, route.index));
    if (!bytes) return unavailable(channel, stream.id, route.index);
    const isSame = headers['if-range'] === undefined || headers['if-range'] === tag;
    const range = answerRange(isSame ? headers.range : undefined, bytes.length);
    if (range.kind === 'unsatisfiable') {
      return failure(416, `The chunk has ${bytes.length} bytes.`, { 'Content-Range': `bytes */${bytes.length}` });
    }
    const onSent = (count: number): void => this.#traffic.countMedia(channel.id, stream.id, count);
    if (range.kind === 'whole') return { status: 200, headers: common, body: bytes, onSent };
    const contentRange = `bytes ${range.first}-${range.last}/${bytes.length}`;
    return { status: 206, headers: { ...common, 'Content-Range': contentRange }, body: bytes.subarray(range.first, range.last + 1), onSent };
  }
}

/** 410 for a live chunk that has left the window, 404 for one that never was or is not yet. */
function unavailable(channel: ServedChannel, stream: number, index: number): Reply {
  const available = channel.available(stream);
  if (channel.kind === 'live' && available && index < available.first) return failure(410, 'This part of the live channel is over.');
  return failure(404, 'There is no such chunk.');
}

function playlist(channel: ServedChannel, stream: StreamDescription): Reply {
  if (channel.kind === 'vod') {
    return text(writeMediaPlaylist(stream, vodPlaylistChunks(stream), true), HLS, { 'Cache-Control': A_MINUTE });
  }
  const newest = channel.available(stream.id)?.newest ?? -1;
  const entries = entriesBetween(channel, stream.id, newest - channel.description.windowChunks + 1, newest);
  const lines: PlaylistChunk[] = entries.map(({ signed: { record } }) => record);
  return text(writeMediaPlaylist(stream, lines, false), HLS, { 'Cache-Control': A_SECOND });
}

function initSection(stream: StreamDescription, from: number): Reply {
  if (!stream.init) return failure(404, 'This stream needs no media header.');
  const header = headerOf(stream, from);
  // The first one's name is also what players without a playlist at hand ask for.
  if (from !== 0 && header.from !== from) return failure(404, 'There is no such media header.');
  return { status: 200, headers: { 'Content-Type': 'video/mp4', 'Cache-Control': A_MINUTE }, body: base64ToBytes(header.init) };
}

function records(channel: ServedChannel, route: Extract<ChannelRoute, { readonly to: 'records' }>): Reply {
  const available = channel.available(route.stream);
  if (!available) return failure(404, 'The channel has no such stream.');
  const first = route.first === 'newest' ? available.newest - route.count + 1 : route.first;
  const entries = entriesBetween(channel, route.stream, first, Math.min(first + route.count - 1, available.newest));
  const isGrowing = channel.kind === 'live' || channel.isComplete === false;
  // Of a log that has only begun nothing is an answer too: more will come.
  const isEarly = isGrowing && first >= available.newest;
  if (entries.length === 0 && !isEarly) return unavailable(channel, route.stream, first);
  const cache = isGrowing ? A_SECOND : A_MINUTE;
  return { status: 200, headers: { 'Content-Type': 'application/octet-stream', 'Cache-Control': cache }, body: encodeLogEntries(entries) };
}

/** Named by its hash, a picture never changes. */
async function picture(channel: ServedChannel, hash: string): Promise<Reply> {
  const { poster, thumbnails } = channel.description;
  const named = [poster, thumbnails?.sheet].find((one) => one?.hash === hash);
  const bytes = named && (await channel.picture(hash));
  if (!bytes) return failure(404, 'The channel has no such picture.');
  return { status: 200, headers: { 'Content-Type': named.type, 'Cache-Control': FOREVER }, body: bytes };
}

function thumbnailTrack(channel: ServedChannel): Reply {
  const { thumbnails, streams } = channel.description;
  const stream = streams.find(({ id }) => id === thumbnails?.stream);
  if (!thumbnails || !stream) return failure(404, 'The channel has no pictures for the seek bar.');
  const track = writeThumbnailTrack(thumbnails, stream.durationsUs, paths.picture(channel.id, thumbnails.sheet.hash));
  return text(track, CHUNK_TYPES.vtt, { 'Cache-Control': A_MINUTE });
}

/** The entries a channel has from `first` to `last`, both inclusive; fewer where the window is shorter. */
export function entriesBetween(channel: ServedChannel, stream: number, first: number, last: number): LogEntry[] {
  const entries: LogEntry[] = [];
  const from = Math.max(first, channel.available(streamId(stream))?.first ?? 0);
  for (let index = from; index <= last; index++) {
    const entry = channel.entry(stream, index);
    if (entry) entries.push(entry);
  }
  return entries;
}
