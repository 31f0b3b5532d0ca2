/**
 * Where a live channel goes on: after the newest chunk that its server knows, with the same numbers and on the same
 * timeline, behind a discontinuity. The host's page or program may have been gone in between.
 */
import type { ChannelDescription, SignedDescription, StreamDescription } from '#protocol/description';
import type { ChannelId, StreamId } from '#protocol/ids';
import { paths } from '#protocol/paths';
import { decodeLogEntries } from '#protocol/record';
import { PublishFailure } from './publish-error.ts';

export interface Continuation {
  readonly firstIndex: number;
  /** On the channel's timeline. */
  readonly startUs: number;
  /** Discontinuity sequence of what comes now. */
  readonly discontinuity: number;
  /** The stream as it was described until now; undefined for a new channel. */
  readonly before: StreamDescription | undefined;
}

export const BEGINNING: Continuation = { firstIndex: 0, startUs: 0, discontinuity: 0, before: undefined };

/** @param next index that the server expects, more than 0. @throws PublishFailure where the server does not tell. */
export async function findContinuation(serverUrl: string, channel: ChannelId, stream: StreamId, next: number): Promise<Continuation> {
  const get = async (path: string): Promise<Response> => {
    const response = await fetch(serverUrl + path, { cache: 'no-store', credentials: 'omit' });
    if (!response.ok) throw new PublishFailure('unreachable', response.status, `The server does not tell where the channel left off (status ${response.status}). Try again in a moment.`);
    return response;
  };
  const [entries, signed] = await Promise.all([
    get(paths.records(channel, stream, 'newest', 1)).then(async (response) => decodeLogEntries(new Uint8Array(await response.arrayBuffer()))),
    get(paths.description(channel)).then(async (response) => (await response.json()) as SignedDescription),
  ]);
  const record = entries.at(-1)?.signed.record;
  const before = (JSON.parse(signed.description) as ChannelDescription).streams.find(({ id }) => id === stream);
  if (!record) return { firstIndex: next, startUs: 0, discontinuity: (before?.initFrom ?? 0) + 1, before };
  return { firstIndex: next, startUs: record.startUs + record.durationUs, discontinuity: record.discontinuitySequence + 1, before };
}
