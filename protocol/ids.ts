/**
 * Branded identifiers. A channel id is the first 20 bytes of the SHA-256 of the channel's public key, a peer id is
 * 20 random bytes; both travel as raw bytes on peer links and as 32 characters of lower-case base32 (RFC 4648,
 * section 6, no padding) in links, JSON and tracker events.
 */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type ChannelId = Brand<string, 'ChannelId'>;
export type PeerId = Brand<string, 'PeerId'>;
/** Number of a stream within its channel, 0..255. */
export type StreamId = Brand<number, 'StreamId'>;
/** Number of a chunk within its stream, 0..2^32-1. */
export type ChunkIndex = Brand<number, 'ChunkIndex'>;
/** Number of a piece within its chunk, 0..MAX_PIECES_PER_CHUNK-1. */
export type PieceIndex = Brand<number, 'PieceIndex'>;

/** Bytes of a channel id or peer id. */
export const ID_BYTES = 20;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_TEXT = /^[a-z2-7]{32}$/;

export const isIdText = (text: string): boolean => ID_TEXT.test(text);

/** @throws RangeError when the text is not 32 characters of lower-case base32. */
export function parseChannelId(text: string): ChannelId {
  if (!isIdText(text)) throw new RangeError('not a channel id');
  return text as ChannelId;
}

/** @throws RangeError when the text is not 32 characters of lower-case base32. */
export function parsePeerId(text: string): PeerId {
  if (!isIdText(text)) throw new RangeError('not a peer id');
  return text as PeerId;
}

export const streamId = (value: number): StreamId => value as StreamId;
export const chunkIndex = (value: number): ChunkIndex => value as ChunkIndex;
export const pieceIndex = (value: number): PieceIndex => value as PieceIndex;

/** 20 bytes to 32 characters. */
export function idToText(bytes: Uint8Array): string {
  if (bytes.length !== ID_BYTES) throw new RangeError(`an id has ${ID_BYTES} bytes, not ${bytes.length}`);
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((value >>> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return text;
}

/** 32 characters to 20 bytes. @throws RangeError on any other text. */
export function idToBytes(text: string): Uint8Array {
  if (!isIdText(text)) throw new RangeError('not an id');
  const bytes = new Uint8Array(ID_BYTES);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const letter of text) {
    value = (value << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = value >>> bits;
    }
    value &= (1 << bits) - 1;
  }
  return bytes;
}
