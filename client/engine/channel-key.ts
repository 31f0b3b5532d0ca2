/** Opens what a channel says of itself: nothing of a description is used before its key and signature are checked. */
import { channelIdInput, descriptionSigningBytes, isDescription, isSignedDescription, type ChannelDescription } from '#protocol/description';
import { base64ToBytes } from '#protocol/base64';
import { ID_BYTES, idToText, type ChannelId } from '#protocol/ids';
import type { Hasher } from './ports.ts';

/** Text that cannot be a description, or is not this channel's, is refused with the reason. */
export type OpenedDescription =
  | { readonly ok: true; readonly description: ChannelDescription }
  | { readonly ok: false; readonly reason: 'malformed' | 'wrongChannel' | 'wrongKey' | 'wrongSignature' };

export interface DescriptionListener {
  /**
   * The text has the right shape and names the channel's own key, which can check records already; whether the key
   * signed the text is still being found out. Called at once, or never.
   */
  readonly onClaimed?: (description: ChannelDescription) => void;
  /** The description, or why there is none. */
  readonly onDone: (opened: OpenedDescription) => void;
}

/** Never throws. */
export function openDescription(channel: ChannelId, signed: unknown, hasher: Hasher, { onClaimed, onDone }: DescriptionListener): void {
  if (!isSignedDescription(signed)) {
    onDone({ ok: false, reason: 'malformed' });
    return;
  }
  if (signed.channel !== channel) {
    onDone({ ok: false, reason: 'wrongChannel' });
    return;
  }
  const text = signed.description;
  const description = parseJson(text);
  if (!isDescription(description)) {
    onDone({ ok: false, reason: 'malformed' });
    return;
  }
  const publicKey = base64ToBytes(description.publicKey);
  const id = idToText(hasher.digest(channelIdInput(publicKey)).subarray(0, ID_BYTES));
  if (id !== channel) {
    onDone({ ok: false, reason: 'wrongKey' });
    return;
  }
  onClaimed?.(description);
  hasher.verify(publicKey, descriptionSigningBytes(text), base64ToBytes(signed.signature), (isValid) => {
    onDone(isValid ? { ok: true, description } : { ok: false, reason: 'wrongSignature' });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // No description either.
  }
}
