/**
 * Reads the answer of `GET /api/channels`. Rows come from outside: each is checked, a row that makes no sense is left
 * out, and an answer that is no list at all is refused, because that is not our server speaking.
 */
import { isIdText, parseChannelId } from '#protocol/ids';
import type { ChannelListing } from '#protocol/paths';

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const amountOr = (value: unknown, otherwise: number): number => (isAmount(value) ? value : otherwise);

function parseRow(value: unknown): ChannelListing | null {
  if (typeof value !== 'object' || value === null) return null;
  const row = value as Record<string, unknown>;
  if (typeof row.id !== 'string' || !isIdText(row.id) || typeof row.title !== 'string') return null;
  if (row.kind !== 'vod' && row.kind !== 'live') return null;
  return {
    id: parseChannelId(row.id),
    title: row.title,
    kind: row.kind,
    viewers: Math.floor(amountOr(row.viewers, 0)),
    bitrate: amountOr(row.bitrate, 0),
    durationSeconds: isAmount(row.durationSeconds) ? row.durationSeconds : null,
    width: amountOr(row.width, 0),
    height: amountOr(row.height, 0),
    offloadRatio: isAmount(row.offloadRatio) ? Math.min(1, row.offloadRatio) : null,
    // A path of the same server: nothing that a row says makes this page ask another one.
    poster: typeof row.poster === 'string' && /^\/[a-z0-9/]+$/.test(row.poster) && !row.poster.startsWith('//') ? row.poster : null,
  };
}

/** @throws TypeError when `value` is not a list. */
export function parseListing(value: unknown): readonly ChannelListing[] {
  if (!Array.isArray(value)) throw new TypeError('the list of channels is not a list');
  return value.map(parseRow).filter((row) => row !== null);
}
