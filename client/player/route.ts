/**
 * Which page a path stands for. The server hands out the same document for each of them, and every change of page is
 * an ordinary navigation, because a watch page must come with the boot element that the server writes for it.
 */
import { isIdText, parseChannelId, type ChannelId } from '#protocol/ids';

export type Route =
  | { readonly page: 'channels' | 'host' }
  /** `channel` is null when the link holds something that cannot be a channel id. */
  | { readonly page: 'watch' | 'embed'; readonly channel: ChannelId | null }
  | { readonly page: 'notFound' };

const PLAYER_PATH = /^\/(watch|embed)\/([^/]+)\/?$/;

export function parseRoute(pathname: string): Route {
  if (pathname === '/' || pathname === '/index.html') return { page: 'channels' };
  if (pathname === '/host' || pathname === '/host/') return { page: 'host' };
  const match = PLAYER_PATH.exec(pathname);
  if (match === null) return { page: 'notFound' };
  const page = match[1] === 'embed' ? 'embed' : 'watch';
  const id = (match[2] ?? '').toLowerCase();
  return { page, channel: isIdText(id) ? parseChannelId(id) : null };
}
