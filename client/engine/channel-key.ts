/** Opens what a channel says of itself: nothing of a description is used before its key and signature are checked. */
import { channelIdInput, descriptionSchema, descriptionSigningBytes, signedDescriptionSchema, type ChannelDescription } from '#protocol/description';
import { base64ToBytes } from '#protocol/base64';
import { ID_BYTES, idToText, type ChannelId } from '#protocol/ids';
import type { Hasher } from './ports.ts';

/** Text that cannot be a description, or is not this channel's, is refused with the reason. */
export type OpenedDescription =
  | { readonly ok: true; readonly description: ChannelDescription }
  | { readonly ok: false; readonly reason: 'malformed' | 'wrongChannel' | 'wrongKey' | 'wrongSignature' };

/** zod compiles a parser for each schema, which costs a watch page more than the one description it ever reads. */
const READ_ONCE = { jitless: true } as const;

/** `done` gets the description, or why there is none; never throws. */
export function openDescription(channel: ChannelId, signed: unknown, hasher: Hasher, done: (opened: OpenedDescription) => void): void {
  const envelope = signedDescriptionSchema.safeParse(signed, READ_ONCE);
  if (!envelope.success) {
    done({ ok: false, reason: 'malformed' });
    return;
  }
  if (envelope.data.channel !== channel) {
    done({ ok: false, reason: 'wrongChannel' });
    return;
  }
  const text = envelope.data.description;
  const parsed = descriptionSchema.safeParse(parseJson(text), READ_ONCE);
  if (!parsed.success) {
    done({ ok: false, reason: 'malformed' });
    return;
  }
  const publicKey = base64ToBytes(parsed.data.publicKey);
  const id = idToText(hasher.digest(channelIdInput(publicKey)).subarray(0, ID_BYTES));
  if (id !== channel) {
    done({ ok: false, reason: 'wrongKey' });
    return;
  }
  hasher.verify(publicKey, descriptionSigningBytes(text), base64ToBytes(envelope.data.signature), (isValid) => {
    done(isValid ? { ok: true, description: parsed.data } : { ok: false, reason: 'wrongSignature' });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // The schema says what is wrong with it.
  }
}
