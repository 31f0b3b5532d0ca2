/**
 * Gets a channel's description and checks it against the channel's id before anything of it is used. What can go wrong
 * is told as one sentence for a person; used by the watch page and by the headless peer.
 */
import { openDescription, type OpenedDescription } from '#engine/channel-key';
import type { Hasher } from '#engine/ports';
import type { ChannelDescription } from '#protocol/description';
import type { ChannelId } from '#protocol/ids';
import { paths } from '#protocol/paths';

export type ChannelTrouble = 'unknownChannel' | 'unreachable' | 'untrusted';

export type OpenedChannel =
  | { readonly ok: true; readonly description: ChannelDescription }
  /** `sentence` says what happened and what to do. */
  | { readonly ok: false; readonly trouble: ChannelTrouble; readonly sentence: string };

export interface OpenChannelOptions {
  readonly channel: ChannelId;
  /** `https://host[:port]`, without a slash at the end. */
  readonly serverUrl: string;
  readonly hasher: Hasher;
  /** A SignedDescription that is at hand already; else it is asked of the server. */
  readonly signed?: unknown;
  /** See `DescriptionListener`. */
  readonly onClaimed?: (description: ChannelDescription) => void;
  readonly fetch?: typeof fetch;
}

const UNTRUSTED = 'What the server says about this channel is not signed by the channel itself, so it is not played. Check the link, or ask whoever sent it.';

/** Never rejects. */
export async function openChannel(options: OpenChannelOptions): Promise<OpenedChannel> {
  const { channel, hasher, onClaimed } = options;
  let signed = options.signed;
  if (signed === undefined) {
    const answer = await fetchDescription(options);
    if ('trouble' in answer) return answer;
    signed = answer.signed;
  }
  const opened = await new Promise<OpenedDescription>((resolve) => openDescription(channel, signed, hasher, { ...(onClaimed && { onClaimed }), onDone: resolve }));
  return opened.ok ? opened : { ok: false, trouble: 'untrusted', sentence: UNTRUSTED };
}

async function fetchDescription({ channel, serverUrl, fetch: doFetch = fetch }: OpenChannelOptions): Promise<
  { readonly signed: unknown } | Extract<OpenedChannel, { ok: false }>
> {
  const host = new URL(serverUrl).host;
  try {
    const response = await doFetch(serverUrl + paths.description(channel), { credentials: 'omit' });
    if (response.status === 404 || response.status === 410) {
      const sentence = `There is no channel with this address on ${host}. Check the link, or look for the channel in the list.`;
      return { ok: false, trouble: 'unknownChannel', sentence };
    }
    if (!response.ok) {
      const sentence = `The server ${host} answers with an error (${response.status}). Try again in a moment.`;
      return { ok: false, trouble: 'unreachable', sentence };
    }
    return { signed: (await response.json()) as unknown };
  } catch {
    const sentence = `The server ${host} cannot be reached. Check your connection and that the server is running, then try again.`;
    return { ok: false, trouble: 'unreachable', sentence };
  }
}
