/** Which part of a channel a playlist's URI means, as hls.js resolves it below `/channels/:id/` (protocol/paths.ts). */
import { chunkIndex, streamId, type ChunkIndex, type StreamId } from '#protocol/ids';
import { headerFromOf } from '#protocol/media-header';

export type ChannelPart =
  | { readonly kind: 'master' }
  | { readonly kind: 'playlist'; readonly stream: StreamId }
  | { readonly kind: 'init'; readonly stream: StreamId; readonly from: number }
  | { readonly kind: 'chunk'; readonly stream: StreamId; readonly index: ChunkIndex };

/** Undefined for a URL that is no part of a channel. */
export function parseChannelUrl(url: string): ChannelPart | undefined {
  const path = url.replace(/[?#].*$/, '');
  if (path.endsWith('/master.m3u8')) return { kind: 'master' };
  const match = /\/(\d{1,3})\/(?:(playlist\.m3u8)|(init(?:-\d{1,10})?\.mp4)|(\d{1,10})\.[a-z0-9]+)$/.exec(path);
  if (match === null) return undefined;
  const stream = streamId(Number(match[1]));
  if (match[2] !== undefined) return { kind: 'playlist', stream };
  if (match[3] !== undefined) {
    const from = headerFromOf(match[3]);
    return from === undefined ? undefined : { kind: 'init', stream, from };
  }
  return { kind: 'chunk', stream, index: chunkIndex(Number(match[4])) };
}
