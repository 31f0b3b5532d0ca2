/**
 * From a request's path to what is asked for. Everything a path may carry is matched here, by closed patterns; no piece
 * of it ever becomes a file name. Pure.
 */
import { isIdText } from '#protocol/ids';
import { MAX_RECORDS_PER_MESSAGE } from '#protocol/limits';
import { headerFromOf } from '#protocol/media-header';
import { PICTURE_HASH } from '#protocol/pictures';

/** `watch`: the channel of a page that plays; undefined for the others. */
export interface PageRoute {
  readonly to: 'page';
  readonly watch: string | undefined;
  /** Whether it is made to be shown in other sites' pages. */
  readonly isEmbeddable: boolean;
}

export type Route =
  | PageRoute
  | { readonly to: 'channels' | 'health' | 'metrics' | 'missing' }
  | { readonly to: 'asset'; readonly path: string }
  | { readonly to: 'description' | 'master' | 'thumbnails'; readonly channel: string }
  | { readonly to: 'picture'; readonly channel: string; readonly hash: string }
  | { readonly to: 'playlist'; readonly channel: string; readonly stream: number }
  | { readonly to: 'init'; readonly channel: string; readonly stream: number; readonly from: number }
  | { readonly to: 'records'; readonly channel: string; readonly stream: number; readonly first: number | 'newest'; readonly count: number }
  | { readonly to: 'chunk'; readonly channel: string; readonly stream: number; readonly index: number; readonly extension: string };

/** Longest path with query that is looked at, characters. */
export const MAX_URL_CHARS = 1024;

const MISSING: Route = { to: 'missing' };
const PAGE: Route = { to: 'page', watch: undefined, isEmbeddable: false };
const PLAIN: Readonly<Record<string, Route>> = {
  '/api/channels': { to: 'channels' },
  '/healthz': { to: 'health' },
  '/metrics': { to: 'metrics' },
  '/': PAGE,
  '/host': PAGE,
  '/operator': PAGE,
};

const CHUNK = /^(\d{1,10})\.(m4s|ts|aac|vtt)$/;
const STREAM = /^\d{1,3}$/;

/** @param url as the request line has it: path and query. */
export function routeOf(url: string): Route {
  const [path = '', query = ''] = url.split('?', 2);
  const plain = Object.hasOwn(PLAIN, path) ? PLAIN[path] : undefined;
  if (plain) return plain;
  const parts = path.split('/');
  if (parts[1] === 'watch' || parts[1] === 'embed') return pageRoute(parts);
  if (parts[1] === 'channels') return channelRoute(parts, query);
  return parts[1] === 'api' ? MISSING : { to: 'asset', path };
}

/** Any id is a page's: it is the page that says that there is no such channel. */
function pageRoute(parts: readonly string[]): Route {
  const id = parts[2] ?? '';
  return parts.length === 3 || (parts.length === 4 && parts[3] === '') ? { to: 'page', watch: id, isEmbeddable: parts[1] === 'embed' } : MISSING;
}

function channelRoute(parts: readonly string[], query: string): Route {
  const [, , channel = '', second = '', third = ''] = parts;
  if (!isIdText(channel) || parts.length > 5) return MISSING;
  if (parts.length === 4 && second === 'description') return { to: 'description', channel };
  if (parts.length === 4 && second === 'master.m3u8') return { to: 'master', channel };
  if (parts.length === 4 && second === 'thumbnails.vtt') return { to: 'thumbnails', channel };
  if (parts.length === 5 && second === 'picture' && PICTURE_HASH.test(third)) return { to: 'picture', channel, hash: third };
  if (parts.length !== 5 || !STREAM.test(second)) return MISSING;
  const stream = Number(second);
  if (third === 'playlist.m3u8') return { to: 'playlist', channel, stream };
  const from = headerFromOf(third);
  if (from !== undefined) return { to: 'init', channel, stream, from };
  if (third === 'records') return recordsRoute(channel, stream, new URLSearchParams(query));
  const chunk = CHUNK.exec(third);
  return chunk ? { to: 'chunk', channel, stream, index: Number(chunk[1]), extension: chunk[2]! } : MISSING;
}

function recordsRoute(channel: string, stream: number, query: URLSearchParams): Route {
  const first = query.get('first') ?? 'newest';
  const count = query.get('count') ?? String(MAX_RECORDS_PER_MESSAGE);
  if (!/^\d{1,10}$/.test(count) || !(first === 'newest' || /^\d{1,10}$/.test(first))) return MISSING;
  return {
    to: 'records',
    channel,
    stream,
    first: first === 'newest' ? first : Number(first),
    count: Math.min(Math.max(1, Number(count)), MAX_RECORDS_PER_MESSAGE),
  };
}
