/**
 * Which build of hls.js a channel needs. The light one comes with the page: it is two thirds of the size, which is time
 * before the first frame. Sound and subtitles as streams of their own need the full one, loaded then.
 */
import HlsLight from 'hls.js/light';
import type { ChannelDescription } from '#protocol/description';
import type { HlsClass } from './hls-player.ts';

/** Whether the light build plays it: pictures with their sound in one stream, or sound alone. */
export function isPlayedByLight({ streams }: Pick<ChannelDescription, 'streams'>): boolean {
  const kinds = new Set(streams.map(({ kind }) => kind));
  return kinds.size === 1 && !kinds.has('subtitles');
}

/** The build that comes with the page. */
export const hlsAtHand: HlsClass = HlsLight;

/** At once where the light build does; rejects when the full one cannot be loaded. */
export function loadHls(description: Pick<ChannelDescription, 'streams'>): HlsClass | Promise<HlsClass> {
  return isPlayedByLight(description) ? HlsLight : import('hls.js').then((full) => full.default);
}

/** False where neither Media Source Extensions nor Safari's managed ones exist. */
export const canPlay = (): boolean => 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis;
