/**
 * Standard base64 (RFC 4648, section 4) for the keys and headers inside descriptions. Reading asks the host where it can:
 * code that has not run before takes milliseconds for the ten kilobytes in a watch page.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes of standard base64. @throws RangeError on other text. */
export function base64ToBytes(text: string): Uint8Array {
  if (fromBase64 === undefined || /\s/.test(text)) return readBytes(text);
  try {
    return fromBase64.call(Uint8Array, text);
  } catch {
    return readBytes(text); // For the one kind of error.
  }
}

/** `Uint8Array.fromBase64` (ECMAScript 2026), where the host has it; unlike ours it overlooks spaces. */
const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array };

function readBytes(text: string): Uint8Array {
  const trimmed = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((trimmed.length * 3) / 4));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const letter of trimmed) {
    const six = ALPHABET.indexOf(letter);
    if (six < 0) throw new RangeError('not base64');
    value = ((value << 6) | six) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = value >>> bits;
    }
  }
  return bytes;
}

/** Standard base64 with padding. */
export function bytesToBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const known = Math.min(3, bytes.length - at);
    for (let letter = 0; letter < 4; letter++) text += letter <= known ? ALPHABET.charAt((group >> (18 - 6 * letter)) & 63) : '=';
  }
  return text;
}
