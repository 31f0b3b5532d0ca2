/** Asks the server for its channels. */
import { paths, type ChannelListing } from '#protocol/paths';
import { parseListing } from './listing.ts';

/** Longer than a server under load takes, shorter than a person waits without a word. */
const TIMEOUT_MS = 8_000;

/** Rejects when the server does not answer, or not with a list. */
export async function loadChannels(serverUrl: string): Promise<readonly ChannelListing[]> {
  const answer = await fetch(serverUrl + paths.channels, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`The server answered ${answer.status} when asked for its channels.`);
  return parseListing(await answer.json());
}
