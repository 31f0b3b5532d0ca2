/**
 * Arbitrary messages for property tests of this floor and of those above: whatever the codec can carry, up to its
 * limits, whether or not it makes sense (message-rules.ts decides that). Long byte fields are either short and random
 * or of full length, so that limits are reached without making runs slow.
 */
import fc from 'fast-check';
import { ID_BYTES, idToText, type ChannelId, type ChunkIndex, type PeerId, type StreamId } from '../ids.ts';
import {
  MAX_BUFFER_MAP_CHUNKS, MAX_HASHES_PER_MESSAGE, MAX_HAVES_PER_MESSAGE, MAX_INTRODUCTIONS, MAX_PIECES_PER_CHUNK,
  MAX_RECORDS_PER_MESSAGE, MAX_SIGNAL_CHARS, MAX_TICKET_BYTES, PIECE_BYTES,
} from '../limits.ts';
import type { Message, MessageName } from '../messages.ts';
import type { SignedRecord } from '../record.ts';

const edge = (max: number): fc.Arbitrary<number> => fc.oneof(fc.nat(max), fc.constantFrom(0, 1, max - 1, max));
export const u8 = edge(0xff);
export const u16 = edge(0xffff);
export const u32 = edge(0xffff_ffff);
export const u48 = fc.oneof(fc.maxSafeNat().map((n) => n % 2 ** 48), fc.constantFrom(0, 2 ** 32, 2 ** 48 - 1));

/** Exactly `length` bytes. */
export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
/** `min` to `max` bytes, the longest among them. */
export const bytesUpTo = (max: number, min = 0): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ minLength: min, maxLength: Math.min(max, min + 40) }) },
    { weight: 1, arbitrary: fc.nat(255).map((fill) => new Uint8Array(max).fill(fill)) },
  );
/** Up to `max` items, the longest list among them. */
function listUpTo<T>(item: fc.Arbitrary<T>, max: number): fc.Arbitrary<T[]> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(item, { maxLength: Math.min(max, 5) }) },
    { weight: 1, arbitrary: item.map((value) => new Array<T>(max).fill(value)) },
  );
}

/** Objects as the decoder makes them. */
const plain = { noNullPrototype: true } as const;
const stream = u8 as unknown as fc.Arbitrary<StreamId>;
export const chunk = u32 as unknown as fc.Arbitrary<ChunkIndex>;
const peer = bytesOf(ID_BYTES).map((bytes) => idToText(bytes) as PeerId);
const channel = bytesOf(ID_BYTES).map((bytes) => idToText(bytes) as ChannelId);
const run = { stream, chunk, first: u16, count: u16 };

export const signedRecord: fc.Arbitrary<SignedRecord> = fc.record({
  record: fc.record({
    stream, index: chunk, startUs: u48, durationUs: u32, bytes: u32, root: bytesOf(32), mediaSequence: u32,
    discontinuitySequence: u32, onAirMs: u48,
  }, plain),
  signature: bytesOf(64),
}, plain);

type Of<N extends MessageName> = Extract<Message, { name: N }>;
const of = <N extends MessageName>(name: N, body: { [K in Exclude<keyof Of<N>, 'name'>]: fc.Arbitrary<Of<N>[K]> }): fc.Arbitrary<Message> =>
  fc.record(body as Record<string, fc.Arbitrary<unknown>>, plain).map((fields) => ({ ...fields, name }) as unknown as Message);

/** One arbitrary for each message of the table. */
export const MESSAGE: { readonly [N in MessageName]: fc.Arbitrary<Message> } = {
  hello: of('hello', { version: u8, lowestVersion: u8, channel, peer, pieceBytes: u32, features: u32, ticket: bytesUpTo(MAX_TICKET_BYTES) }),
  bufferMap: of('bufferMap', { stream, playhead: chunk, offset: chunk, length: u16, bits: bytesUpTo(MAX_BUFFER_MAP_CHUNKS / 8) }),
  have: of('have', { stream, playhead: chunk, held: listUpTo(chunk, MAX_HAVES_PER_MESSAGE), dropped: listUpTo(chunk, MAX_HAVES_PER_MESSAGE) }),
  havePieces: of('havePieces', { stream, chunk, bits: bytesUpTo(MAX_PIECES_PER_CHUNK / 8) }),
  records: of('records', { records: listUpTo(signedRecord, MAX_RECORDS_PER_MESSAGE) }),
  getRecords: of('getRecords', { stream, first: chunk, count: u16 }),
  getHashes: of('getHashes', run),
  hashes: of('hashes', { stream, chunk, first: u16, hashes: bytesUpTo(MAX_HASHES_PER_MESSAGE * 32) }),
  request: of('request', { ...run, deadlineMs: u32 }),
  piece: of('piece', { stream, chunk, piece: u16, data: bytesUpTo(PIECE_BYTES, 1) }),
  cancel: of('cancel', run),
  reject: of('reject', { ...run, reason: u8 }),
  choke: of('choke', {}),
  unchoke: of('unchoke', {}),
  subscribe: of('subscribe', { stream, substream: u8, of: u8, from: chunk }),
  unsubscribe: of('unsubscribe', { stream, substream: u8, of: u8 }),
  peers: of('peers', { peers: listUpTo(fc.record({ peer, ticket: bytesUpTo(MAX_TICKET_BYTES) }, plain), MAX_INTRODUCTIONS) }),
  relay: of('relay', { from: peer, to: peer, signal: bytesUpTo(MAX_SIGNAL_CHARS) }),
  ping: of('ping', { nonce: u32 }),
  pong: of('pong', { nonce: u32 }),
  goodbye: of('goodbye', { reason: u8 }),
};

/** Any message the codec can carry. */
export const message: fc.Arbitrary<Message> = fc.oneof(...Object.values(MESSAGE));
