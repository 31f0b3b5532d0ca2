/**
 * The records of one stream that this peer knows and has verified, with their piece hashes. Everything that comes in
 * is checked: plausibility first, then the signature, then the hashes against the root. What is known is never replaced.
 */
import type { ChannelId, ChunkIndex, StreamId } from '#protocol/ids';
import { DIGEST_BYTES } from '#protocol/limits';
import { equalBytes, merkleRoot } from '#protocol/merkle';
import { isPlausibleRecord, pieceCount, recordSigningBytes, type ChunkRecord, type LogEntry, type SignedRecord } from '#protocol/record';
import type { Hasher } from './ports.ts';

interface KnownChunk {
  readonly signed: SignedRecord;
  /** Null until somebody brings hashes that match the root. */
  hashes: Uint8Array | null;
  /** Hashes that came with the record and are checked when they are needed: a root costs some twenty digests. */
  claimed: Uint8Array | null;
}

export interface StreamLogOptions {
  readonly channel: ChannelId;
  readonly stream: StreamId;
  readonly publicKey: Uint8Array;
  readonly hasher: Hasher;
  /** VoD: number of chunks, beyond which there is no record. Live: Infinity. */
  readonly chunks: number;
  /** A record or its hashes became known. */
  readonly onLearned: (index: ChunkIndex) => void;
}

export class StreamLog {
  readonly #options: StreamLogOptions;
  readonly #known = new Map<ChunkIndex, KnownChunk>();
  #head: ChunkIndex | null = null;
  #consecutive: readonly ChunkRecord[] | null = null;

  constructor(options: StreamLogOptions) {
    this.#options = options;
  }

  /** Newest index known. */
  get head(): ChunkIndex | null {
    return this.#head;
  }

  signed(index: ChunkIndex): SignedRecord | undefined {
    return this.#known.get(index)?.signed;
  }

  /** Leaf hashes that match the record's root; undefined while there are none. */
  hashes(index: ChunkIndex): Uint8Array | undefined {
    const known = this.#known.get(index);
    if (known?.claimed) {
      const { claimed } = known;
      known.claimed = null;
      if (this.#isRight(known, claimed)) known.hashes ??= claimed;
    }
    return known?.hashes ?? undefined;
  }

  record(index: ChunkIndex): ChunkRecord | undefined {
    return this.#known.get(index)?.signed.record;
  }

  /** Whether a chunk can be fetched as far as is known: there are a record and hashes, which may be unchecked yet. */
  isReady(index: ChunkIndex): boolean {
    const known = this.#known.get(index);
    return known !== undefined && (known.hashes ?? known.claimed) !== null;
  }

  /** The longest run of records without a gap that ends at the head, oldest first. The same array until it changes. */
  consecutive(): readonly ChunkRecord[] {
    if (this.#consecutive) return this.#consecutive;
    const run: ChunkRecord[] = [];
    for (let index = this.#head ?? -1; index >= 0; index--) {
      const known = this.#known.get(index as ChunkIndex);
      if (!known) break;
      run.push(known.signed.record);
    }
    return (this.#consecutive = run.reverse());
  }

  /** The record whose chunk shows at `mediaUs`, if known. Searches the consecutive run. */
  at(mediaUs: number): ChunkRecord | undefined {
    const run = this.consecutive();
    let low = 0;
    let high = run.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (run[middle]!.startUs <= mediaUs) low = middle;
      else high = middle - 1;
    }
    return run[low];
  }

  /** A record with its hashes; either is forgotten when it turns out wrong. */
  add(entry: LogEntry): void {
    const { index } = entry.signed.record;
    // The caller's bytes may be views of a message that is reused or transferred.
    const hashes = entry.hashes.slice();
    this.addSigned(entry.signed, (isGenuine) => {
      const known = this.#known.get(index);
      if (!isGenuine || !known || known.hashes) return;
      known.claimed = hashes;
      this.#options.onLearned(index);
    });
  }

  /** `done` says whether the record is genuine; a genuine one already known is genuine again. */
  addSigned(signed: SignedRecord, done: (isGenuine: boolean) => void): void {
    const { record } = signed;
    const { channel, stream, publicKey, hasher, chunks } = this.#options;
    if (record.stream !== stream || record.index >= chunks || !isPlausibleRecord(record)) {
      done(false);
      return;
    }
    const known = this.#known.get(record.index);
    if (known && isSame(known.signed, signed)) {
      done(true);
      return;
    }
    // The caller's bytes may be views of a message that is reused or transferred.
    const own: SignedRecord = { record: { ...record, root: record.root.slice() }, signature: signed.signature.slice() };
    hasher.verify(publicKey, recordSigningBytes(channel, own.record), own.signature, (isValid) => {
      if (isValid && !this.#known.has(record.index)) this.#learn(own);
      done(isValid);
    });
  }

  /** Whole list of leaf hashes of a known record. @returns whether they are the right ones. */
  addHashes(index: ChunkIndex, hashes: Uint8Array): boolean {
    const known = this.#known.get(index);
    if (!known) return false;
    if (known.hashes) return true;
    if (!this.#isRight(known, hashes)) return false;
    known.hashes = hashes.slice();
    this.#options.onLearned(index);
    return true;
  }

  /** Forgets what lies before `index`. */
  forgetBefore(index: ChunkIndex): void {
    for (const known of this.#known.keys()) {
      if (known >= index) continue;
      this.#known.delete(known);
      this.#consecutive = null;
    }
  }

  #isRight({ signed: { record } }: KnownChunk, hashes: Uint8Array): boolean {
    if (hashes.length !== pieceCount(record.bytes) * DIGEST_BYTES) return false;
    const digest = (bytes: Uint8Array): Uint8Array => this.#options.hasher.digest(bytes);
    return equalBytes(merkleRoot(hashes, digest), record.root);
  }

  #learn(signed: SignedRecord): void {
    const { index } = signed.record;
    this.#known.set(index, { signed, hashes: null, claimed: null });
    if (this.#head === null || index > this.#head) this.#head = index;
    this.#consecutive = null;
    this.#options.onLearned(index);
  }
}

/** Byte for byte the same: no need to check its signature again. */
function isSame(known: SignedRecord, other: SignedRecord): boolean {
  const a = known.record;
  const b = other.record;
  return (
    a.startUs === b.startUs &&
    a.durationUs === b.durationUs &&
    a.bytes === b.bytes &&
    a.mediaSequence === b.mediaSequence &&
    a.discontinuitySequence === b.discontinuitySequence &&
    a.onAirMs === b.onAirMs &&
    equalBytes(a.root, b.root) &&
    equalBytes(known.signature, other.signature)
  );
}
