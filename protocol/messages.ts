/**
 * The wire between peers, written once: this table gives the types, the encoder, the decoder, sizes and validation.
 * A message is its type byte and its fields in order. Rules of conduct (what may be sent when) are in SPEC.md.
 */
import {
  branded,
  fixedBytes,
  list,
  mapped,
  readerOf,
  remainingBytes,
  shortBytes,
  struct,
  u16,
  u32,
  u8,
  WireError,
  writerOf,
  type Field,
  type FieldValue,
} from './field.ts';
import { ID_BYTES, idToBytes, idToText, isIdText, type ChannelId, type ChunkIndex, type PeerId, type StreamId } from './ids.ts';
import {
  MAX_BUFFER_MAP_CHUNKS,
  MAX_HASHES_PER_MESSAGE,
  MAX_HAVES_PER_MESSAGE,
  MAX_INTRODUCTIONS,
  MAX_MESSAGE_BYTES,
  MAX_PIECES_PER_CHUNK,
  MAX_RECORDS_PER_MESSAGE,
  MAX_SIGNAL_CHARS,
  MAX_TICKET_BYTES,
  PIECE_BYTES,
} from './limits.ts';
import { signedRecordField } from './record.ts';

/** Version this code speaks, and the lowest it accepts. */
export const PROTOCOL_VERSION = 1;
export const LOWEST_PROTOCOL_VERSION = 1;

/** Bits of `hello.features`. */
export const FEATURE = {
  /** Serves pieces; without it the peer only downloads. */
  uploads: 1,
  /** Forwards substreams to subscribers. */
  push: 2,
  /** Carries `relay` for neighbours. */
  relay: 4,
} as const;

/** Why a request was turned down. */
export const REJECT_REASON = { notHeld: 1, choked: 2, busy: 3, notUploading: 4 } as const;

/** Why a peer leaves. */
export const GOODBYE_REASON = { leaving: 1, incompatible: 2, enoughNeighbours: 3, misbehaving: 4 } as const;

function idBytes(text: string): Uint8Array {
  if (!isIdText(text)) throw new WireError('not an id');
  return idToBytes(text);
}

const peer = mapped(fixedBytes(ID_BYTES), 'peer id', (bytes) => idToText(bytes) as PeerId, idBytes);
const channel = mapped(fixedBytes(ID_BYTES), 'channel id', (bytes) => idToText(bytes) as ChannelId, idBytes);
const stream = branded<StreamId>(u8);
const chunk = branded<ChunkIndex>(u32);
/** `count` pieces from `first` on. */
const run = { stream, chunk, first: u16, count: u16 };

/** Index that stands for "no chunk" in `playhead`. */
export const NO_CHUNK = 0xffff_ffff as ChunkIndex;

export const MESSAGES = {
  hello: {
    type: 1,
    body: struct({
      version: u8,
      lowestVersion: u8,
      channel,
      peer,
      pieceBytes: u32,
      features: u32,
      ticket: shortBytes(MAX_TICKET_BYTES),
    }),
  },
  bufferMap: {
    type: 2,
    body: struct({
      stream,
      /** Chunk the sender plays now, NO_CHUNK without a screen. */
      playhead: chunk,
      offset: chunk,
      length: u16,
      bits: shortBytes(MAX_BUFFER_MAP_CHUNKS / 8),
    }),
  },
  have: {
    type: 3,
    body: struct({
      stream,
      playhead: chunk,
      held: list(chunk, MAX_HAVES_PER_MESSAGE),
      dropped: list(chunk, MAX_HAVES_PER_MESSAGE),
    }),
  },
  /** All pieces held of a chunk in progress; replaces what was said of it before. */
  havePieces: { type: 4, body: struct({ stream, chunk, bits: shortBytes(MAX_PIECES_PER_CHUNK / 8) }) },
  records: { type: 5, body: struct({ records: list(signedRecordField, MAX_RECORDS_PER_MESSAGE) }) },
  getRecords: { type: 6, body: struct({ stream, first: chunk, count: u16 }) },
  getHashes: { type: 7, body: struct(run) },
  hashes: {
    type: 8,
    body: struct({ stream, chunk, first: u16, hashes: shortBytes(MAX_HASHES_PER_MESSAGE * 32) }),
  },
  /** `deadlineMs`: how long from now the pieces are of use; the sender serves the earliest first. */
  request: { type: 9, body: struct({ ...run, deadlineMs: u32 }) },
  piece: { type: 10, body: struct({ stream, chunk, piece: u16, data: remainingBytes(1, PIECE_BYTES) }) },
  cancel: { type: 11, body: struct(run) },
  reject: { type: 12, body: struct({ ...run, reason: u8 }) },
  choke: { type: 13, body: struct({}) },
  unchoke: { type: 14, body: struct({}) },
  /** The `substream`-th of `of` stretches of each chunk's pieces is wanted as it arrives, for chunks from `from` on. */
  subscribe: { type: 15, body: struct({ stream, substream: u8, of: u8, from: chunk }) },
  unsubscribe: { type: 16, body: struct({ stream, substream: u8, of: u8 }) },
  peers: { type: 17, body: struct({ peers: list(struct({ peer, ticket: shortBytes(MAX_TICKET_BYTES) }), MAX_INTRODUCTIONS) }) },
  relay: { type: 18, body: struct({ from: peer, to: peer, signal: shortBytes(MAX_SIGNAL_CHARS) }) },
  ping: { type: 19, body: struct({ nonce: u32 }) },
  pong: { type: 20, body: struct({ nonce: u32 }) },
  goodbye: { type: 21, body: struct({ reason: u8 }) },
} as const;

export type MessageName = keyof typeof MESSAGES;
export type MessageBody<N extends MessageName> = FieldValue<(typeof MESSAGES)[N]['body']>;
/** Any message, told apart by `name`. */
export type Message = { [N in MessageName]: { readonly name: N } & MessageBody<N> }[MessageName];

interface Entry {
  readonly name: MessageName;
  // One table holds bodies of every type; `encode` and `decode` keep name and body together.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: Field<any>;
}

const BY_TYPE: readonly (Entry | undefined)[] = (() => {
  const table: (Entry | undefined)[] = [];
  for (const [name, { type, body }] of Object.entries(MESSAGES)) table[type] = { name: name as MessageName, body };
  return table;
})();

/** Bytes that `encode` would return. */
export function encodedSize(message: Message): number {
  return 1 + (MESSAGES[message.name].body as Field<Message>).size(message);
}

/**
 * The message in a fresh buffer, or in one that `lend` has: of just that length, whatever is in it.
 * @throws WireError when a value does not fit its field.
 */
export function encode(message: Message, lend?: (length: number) => Uint8Array): Uint8Array {
  const { type, body } = MESSAGES[message.name];
  const length = encodedSize(message);
  const out = writerOf(length, lend?.(length));
  out.bytes[out.at++] = type;
  (body as Field<Message>).write(out, message);
  return out.bytes;
}

/**
 * The message in `bytes`; byte fields are views of them, or where they are short copies.
 * @throws WireError on an unknown type, a length or count over its limit, an early end or bytes left over.
 */
export function decode(bytes: Uint8Array): Message {
  if (bytes.length === 0 || bytes.length > MAX_MESSAGE_BYTES) throw new WireError(`a message of ${bytes.length} bytes`);
  const entry = BY_TYPE[bytes[0]!];
  if (!entry) throw new WireError(`unknown message type ${bytes[0]}`);
  const from = readerOf(bytes);
  from.at = 1;
  const message = entry.body.read(from) as Record<string, unknown>;
  if (from.at !== bytes.length) throw new WireError(`${bytes.length - from.at} bytes after the end of ${entry.name}`);
  message['name'] = entry.name;
  return message as unknown as Message;
}
