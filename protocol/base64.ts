/** Standard base64 (RFC 4648, section 4) without the host's help, for the keys and headers inside descriptions. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes of standard base64. @throws RangeError on other text. */
export function base64ToBytes(text: string): Uint8Array {
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
