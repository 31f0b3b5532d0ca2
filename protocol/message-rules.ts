/**
 * What a decoded message must satisfy by itself, before anyone looks at state: counts, ranges and lengths that agree.
 * The engine calls `checkMessage` right after `decode`; a rule that needs more than the message (a record, a neighbour,
 * what was asked) is checked where that is known. Sentences begin with the id of the rule in SPEC.md.
 */
import type { ChunkIndex } from './ids.ts';
import { DIGEST_BYTES, MAX_BUFFER_MAP_CHUNKS, MAX_HASHES_PER_MESSAGE, MAX_PIECES_PER_CHUNK, MAX_PIECES_PER_REQUEST, MAX_RECORDS_PER_MESSAGE } from './limits.ts';
import { NO_CHUNK, type Message, type MessageBody } from './messages.ts';
import { isPlausibleRecord, pieceCount } from './record.ts';

/** Null when the message can stand, otherwise one sentence, its rule's id first. Never throws; costs no allocation. */
export function checkMessage(message: Message): string | null {
  switch (message.name) {
    case 'piece':
      return isChunk(message.chunk) && message.piece < MAX_PIECES_PER_CHUNK ? null : 'Q-6: a piece that no chunk has';
    case 'request':
      if (message.count > MAX_PIECES_PER_REQUEST) return 'Q-1: a request for too many pieces';
      return checkRun(message);
    case 'cancel':
    case 'reject':
      return checkRun(message);
    case 'have':
      return checkHave(message);
    case 'havePieces':
      if (!isChunk(message.chunk)) return 'A-6: pieces of no chunk';
      return message.bits.length > 0 ? null : 'A-6: pieces without bits';
    case 'bufferMap':
      return checkBufferMap(message);
    case 'records':
      return checkRecords(message);
    case 'getRecords':
      if (message.count < 1 || message.count > MAX_RECORDS_PER_MESSAGE) return 'R-5: no records wanted, or too many';
      return null;
    case 'getHashes':
      if (message.count > MAX_HASHES_PER_MESSAGE) return 'R-6: hashes wanted for too many pieces';
      return checkRun(message);
    case 'hashes':
      return checkHashes(message);
    case 'hello':
      if (message.lowestVersion < 1 || message.version < message.lowestVersion) return 'H-2: no version lies between lowest and highest';
      return null;
    case 'subscribe':
    case 'unsubscribe':
      return message.substream < message.of ? null : 'S-2: a substream outside its division';
    case 'relay':
      if (message.from === message.to) return 'I-4: a relay to its own sender';
      return message.signal.length > 0 ? null : 'I-4: a relay without a signal';
    case 'peers':
    case 'choke':
    case 'unchoke':
    case 'ping':
    case 'pong':
    case 'goodbye':
      return null;
  }
}

/**
 * The part of A-6 that needs the chunk's record: one bit for each piece, and no bit past the last.
 * @param chunkBytes length of the chunk, from its verified record
 */
export function checkPieceBits(bits: Uint8Array, chunkBytes: number): string | null {
  const pieces = pieceCount(chunkBytes);
  if (bits.length !== bytesOfBits(pieces)) return 'A-6: the bits are not one for each piece';
  return hasSpareBits(bits, pieces) ? 'A-6: a bit past the last piece' : null;
}

const bytesOfBits = (bits: number): number => (bits + 7) >> 3;
const isChunk = (chunk: ChunkIndex): boolean => chunk !== NO_CHUNK;

/** Whether a bit past `length` is set in the last byte. */
function hasSpareBits(bits: Uint8Array, length: number): boolean {
  return (length & 7) !== 0 && (bits[bits.length - 1]! & (0xff >> (length & 7))) !== 0;
}

function checkRun(run: { readonly chunk: ChunkIndex; readonly first: number; readonly count: number }): string | null {
  if (!isChunk(run.chunk)) return 'Q-2: pieces of no chunk';
  if (run.count < 1) return 'Q-2: a run of no pieces';
  return run.first + run.count <= MAX_PIECES_PER_CHUNK ? null : 'Q-2: a run past the largest chunk';
}

function checkHave({ held, dropped }: MessageBody<'have'>): string | null {
  for (const chunk of held) if (!isChunk(chunk)) return 'A-4: no chunk is held';
  for (const chunk of dropped) if (!isChunk(chunk)) return 'A-4: no chunk was dropped';
  return null;
}

function checkBufferMap({ offset, length, bits }: MessageBody<'bufferMap'>): string | null {
  if (length > MAX_BUFFER_MAP_CHUNKS) return 'A-2: a window wider than may be';
  if (offset + length > NO_CHUNK) return 'A-2: a window past the last chunk there can be';
  if (bits.length !== bytesOfBits(length)) return 'A-2: the bits are not one for each chunk of the window';
  return hasSpareBits(bits, length) ? 'A-2: a bit past the window' : null;
}

function checkRecords({ records }: MessageBody<'records'>): string | null {
  for (const { record } of records) {
    if (!isChunk(record.index) || !isPlausibleRecord(record)) return 'R-3: an implausible record';
  }
  return null;
}

function checkHashes({ chunk, first, hashes }: MessageBody<'hashes'>): string | null {
  if (!isChunk(chunk)) return 'R-6: hashes of no chunk';
  const count = hashes.length / DIGEST_BYTES;
  if (count < 1 || !Number.isInteger(count)) return 'R-6: not whole digests';
  return first + count <= MAX_PIECES_PER_CHUNK ? null : 'R-6: hashes past the largest chunk';
}
