/**
 * A channel out of nothing: description, signed records, piece hashes and bytes, all from a seed. Chunks are made when
 * first asked for and kept once for everybody, so that a thousand stores hold references, not copies.
 */
import type { Hasher } from '#engine/ports';
import { bytesToBase64 } from '#protocol/base64';
import { channelIdInput, type ChannelDescription } from '#protocol/description';
import { chunkIndex, ID_BYTES, idToText, streamId, type ChannelId, type ChunkIndex, type StreamId } from '#protocol/ids';
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { merkleRoot } from '#protocol/merkle';
import { pieceCount, pieceLength, recordSigningBytes, type ChunkRecord, type LogEntry } from '#protocol/record';
import type { SeededRandom } from '#protocol/seeded-random';
import type { Signer } from './sim-hasher.ts';

export interface SyntheticChannelOptions {
  readonly kind: 'vod' | 'live';
  readonly chunkSeconds: number;
  /** Mean payload, bits a second. Chunks vary evenly by `variation` (0.2: a fifth) around it. */
  readonly bitsPerSecond: number;
  readonly variation: number;
  /** VoD: chunks in all. Live: chunks that can be asked for behind the head. */
  readonly chunks: number;
  /** Live: when chunk 0 went on air, ms since 1970. */
  readonly firstOnAirMs: number;
}

export const MAIN_STREAM: StreamId = streamId(0);

/** Bytes that pieces are cut from; any start within the first half will do. */
const NOISE_BYTES = 64 * 1024;

export class SyntheticChannel {
  readonly id: ChannelId;
  readonly description: ChannelDescription;
  readonly options: SyntheticChannelOptions;
  readonly chunkUs: number;
  readonly #signer: Signer;
  readonly #hasher: Hasher;
  readonly #random: SeededRandom;
  readonly #noise: Uint8Array;
  readonly #chunks = new Map<ChunkIndex, Uint8Array>();
  readonly #entries = new Map<ChunkIndex, LogEntry>();
  readonly #lengths: number[] = [];
  #factor = 1;

  constructor(options: SyntheticChannelOptions, signer: Signer, hasher: Hasher, random: SeededRandom) {
    this.options = options;
    this.#signer = signer;
    this.#hasher = hasher;
    this.#random = random.fork('lengths');
    this.chunkUs = Math.round(options.chunkSeconds * 1e6);
    this.id = idToText(hasher.digest(channelIdInput(signer.publicKey)).subarray(0, ID_BYTES)) as ChannelId;
    this.description = this.#describe();
    const noise = random.fork('noise');
    const words = new Uint32Array(NOISE_BYTES / 4);
    for (let at = 0; at < words.length; at++) words[at] = noise.nextUint32();
    this.#noise = new Uint8Array(words.buffer);
  }

  /** Chunks not made yet are so many times as long from now on. */
  scaleBitrate(factor: number): void {
    this.#factor *= factor;
  }

  /** Length of a chunk, bytes. */
  length(index: ChunkIndex): number {
    while (this.#lengths.length <= index) {
      const { bitsPerSecond, chunkSeconds, variation } = this.options;
      const mean = (this.#factor * bitsPerSecond * chunkSeconds) / 8;
      this.#lengths.push(Math.max(1, Math.round(mean * (1 + variation * (2 * this.#random.next() - 1)))));
    }
    return this.#lengths[index]!;
  }

  /** The true bytes; nobody may write to them. */
  bytes(index: ChunkIndex): Uint8Array {
    let bytes = this.#chunks.get(index);
    if (!bytes) {
      bytes = this.#make(index);
      this.#chunks.set(index, bytes);
    }
    return bytes;
  }

  entry(index: ChunkIndex): LogEntry {
    let entry = this.#entries.get(index);
    if (!entry) {
      entry = this.#record(index);
      this.#entries.set(index, entry);
    }
    return entry;
  }

  /** Live: lets go of what is long out of the window. */
  forgetBefore(index: ChunkIndex): void {
    for (const old of this.#chunks.keys()) {
      if (old >= index) break;
      this.#chunks.delete(old);
      this.#entries.delete(old);
    }
  }

  #make(index: ChunkIndex): Uint8Array {
    const length = this.length(index);
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    for (let piece = 0; piece < pieceCount(length); piece++) {
      const start = piece * PIECE_BYTES;
      const from = (index * 7919 + piece * 104_729) % (NOISE_BYTES - PIECE_BYTES);
      bytes.set(this.#noise.subarray(from, from + pieceLength(length, piece)), start);
      // No two pieces are the same, as far as they are long enough to say so.
      if (start + 8 <= length) {
        view.setUint32(start, index);
        view.setUint32(start + 4, piece);
      }
    }
    return bytes;
  }

  #record(index: ChunkIndex): LogEntry {
    const bytes = this.bytes(index);
    const count = pieceCount(bytes.length);
    const hashes = new Uint8Array(count * DIGEST_BYTES);
    for (let piece = 0; piece < count; piece++) {
      const start = piece * PIECE_BYTES;
      this.#hasher.hashPiece(bytes.subarray(start, start + pieceLength(bytes.length, piece)), (digest) => {
        hashes.set(digest, piece * DIGEST_BYTES);
      });
    }
    const record: ChunkRecord = {
      stream: MAIN_STREAM,
      index,
      startUs: index * this.chunkUs,
      durationUs: this.chunkUs,
      bytes: bytes.length,
      root: merkleRoot(hashes, (input) => this.#hasher.digest(input)),
      mediaSequence: index,
      discontinuitySequence: 0,
      onAirMs: this.options.kind === 'live' ? Math.round(this.options.firstOnAirMs + (index * this.chunkUs) / 1000) : 0,
    };
    return { signed: { record, signature: this.#signer.sign(recordSigningBytes(this.id, record)) }, hashes };
  }

  #describe(): ChannelDescription {
    const { kind, chunks, bitsPerSecond, chunkSeconds } = this.options;
    return {
      version: 1,
      publicKey: bytesToBase64(this.#signer.publicKey),
      title: 'synthetic',
      kind,
      pieceBytes: PIECE_BYTES,
      windowChunks: kind === 'live' ? chunks : 0,
      streams: [
        {
          id: MAIN_STREAM,
          kind: 'muxed',
          codecs: 'avc1.640028,mp4a.40.2',
          bandwidth: Math.ceil(bitsPerSecond * (1 + this.options.variation)),
          averageBandwidth: Math.ceil(bitsPerSecond),
          width: 1280,
          height: 720,
          frameRate: 30,
          language: '',
          name: '',
          init: '',
          extension: 'm4s',
          isProgressive: true,
          targetDurationSeconds: Math.ceil(chunkSeconds),
          durationsUs: kind === 'vod' ? Array.from({ length: chunks }, () => this.chunkUs) : [],
        },
      ],
    };
  }
}

/** Chunk that contains a media time. */
export const chunkAt = (channel: SyntheticChannel, mediaUs: number): ChunkIndex =>
  chunkIndex(Math.max(0, Math.floor(mediaUs / channel.chunkUs)));
