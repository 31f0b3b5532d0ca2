/**
 * One chunk on its way: which pieces are verified, which are asked of whom, and the buffer they fill. It asks nobody
 * itself. Bytes are checked against the piece hashes, which were checked against the signed record's root before.
 */
import { Bitfield } from '#protocol/bitfield';
import type { ChunkIndex, StreamId } from '#protocol/ids';
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { equalBytes } from '#protocol/merkle';
import { pieceCount, pieceLength, type ChunkRecord } from '#protocol/record';

export class PendingChunk {
  readonly stream: StreamId;
  readonly index: ChunkIndex;
  readonly record: ChunkRecord;
  readonly pieces: number;
  #buffer: Uint8Array | null = null;
  /** Verified pieces. */
  readonly verified: Bitfield;
  /** Pieces whose bytes are here and being hashed. */
  readonly checking: Bitfield;
  /** Pieces a running transfer of the seeder will bring. */
  readonly atOrigin: Bitfield;
  /** Peers asked for a piece and not overdue, per piece. */
  readonly askedPeers: Uint8Array;
  readonly firstSeenMs: number;
  /** When the first piece was asked for, for load statistics. */
  firstAskedMs: number | null = null;
  /** Since when the seeder might be asked for it by rank; null while it is too far ahead. */
  claimableSinceMs: number | null = null;
  /** Since when a neighbour holds some of it; null while none does. */
  heldElsewhereSinceMs: number | null = null;
  /** The seeder said that it does not have it, and is not asked again before, ms. */
  absentUntilMs = -Infinity;
  /** Last turn of wanted-chunks.ts that wanted it. */
  wantedInTurn = 0;
  /** Pieces asked of the seeder because neighbours could not bring them in time, or never can (shortage.ts). */
  readonly lacked: Bitfield;
  /** Pieces that a neighbour turned down or let lapse. */
  readonly failed: Bitfield;
  bytesFromPeers = 0;
  bytesFromSeeder = 0;
  readonly #hashes: Uint8Array;
  readonly #lend: ((length: number) => Uint8Array) | undefined;
  /** Pieces from the first on that are verified without a gap, as last counted. */
  #prefix = 0;

  /** `lend`: a buffer to gather the chunk in, where the store has one. */
  constructor(record: ChunkRecord, hashes: Uint8Array, nowMs: number, lend?: (length: number) => Uint8Array) {
    this.record = record;
    this.stream = record.stream;
    this.index = record.index;
    this.pieces = pieceCount(record.bytes);
    this.verified = new Bitfield(this.pieces);
    this.checking = new Bitfield(this.pieces);
    this.atOrigin = new Bitfield(this.pieces);
    this.lacked = new Bitfield(this.pieces);
    this.failed = new Bitfield(this.pieces);
    this.askedPeers = new Uint8Array(this.pieces);
    this.firstSeenMs = nowMs;
    this.#hashes = hashes;
    this.#lend = lend;
  }

  /** Made when the first piece comes: chunks wanted are many more than chunks under way. */
  get buffer(): Uint8Array {
    return (this.#buffer ??= this.#lend?.(this.record.bytes) ?? new Uint8Array(this.record.bytes));
  }

  get isComplete(): boolean {
    return this.verified.isFull;
  }

  get verifiedBytes(): number {
    return this.bytesFromPeers + this.bytesFromSeeder;
  }

  /** Neither here nor on its way. */
  isFree(piece: number): boolean {
    const at = piece >> 3;
    const taken = this.verified.bytes[at]! | this.checking.bytes[at]! | this.atOrigin.bytes[at]!;
    return (taken & (0x80 >> (piece & 7))) === 0 && this.askedPeers[piece] === 0;
  }

  /** Whether any piece is neither here nor on its way. */
  get hasFree(): boolean {
    for (let piece = 0; piece < this.pieces; piece++) if (this.isFree(piece)) return true;
    return false;
  }

  /** Not here, whether asked for or not. */
  isMissing(piece: number): boolean {
    return !this.verified.has(piece) && !this.checking.has(piece);
  }

  /** Length of the beginning that is verified without a gap, bytes. */
  get prefixBytes(): number {
    while (this.verified.has(this.#prefix)) this.#prefix++;
    return Math.min(this.#prefix * PIECE_BYTES, this.record.bytes);
  }

  lengthOf(piece: number): number {
    return pieceLength(this.record.bytes, piece);
  }

  /** Whether `digest` is the hash of that piece. */
  matches(piece: number, digest: Uint8Array): boolean {
    return equalBytes(digest, this.#hashes.subarray(piece * DIGEST_BYTES, (piece + 1) * DIGEST_BYTES));
  }

  /** Takes a verified piece in. */
  store(piece: number, bytes: Uint8Array, source: 'peer' | 'seeder'): void {
    this.buffer.set(bytes, piece * PIECE_BYTES);
    this.verified.set(piece);
    this.checking.set(piece, false);
    if (source === 'peer') this.bytesFromPeers += bytes.length;
    else this.bytesFromSeeder += bytes.length;
  }

  /** A verified piece, as a view of the buffer. */
  read(piece: number): Uint8Array {
    return this.buffer.subarray(piece * PIECE_BYTES, piece * PIECE_BYTES + this.lengthOf(piece));
  }
}
