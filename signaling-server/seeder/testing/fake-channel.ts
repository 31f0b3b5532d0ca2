/** A channel of made-up bytes: records fit the bytes, signatures are blank. What the seeder does with it is the test. */
import { createHash } from 'node:crypto';
import { bytesToBase64 } from '#protocol/base64';
import type { ChannelDescription } from '#protocol/description';
import { chunkIndex, parseChannelId, streamId } from '#protocol/ids';
import { leafInput, merkleRoot } from '#protocol/merkle';
import type { LogEntry } from '#protocol/record';
import type { Available, ServedChannel } from '../served-channel.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** Bytes of chunk `index`, 1000 and some of them, no two chunks alike. */
export const chunkBytes = (index: number): Uint8Array => Uint8Array.from({ length: 1000 + index }, (_, at) => (at * 7 + index * 13) & 0xff);

export const VOD_ID = parseChannelId('a'.repeat(32));
export const LIVE_ID = parseChannelId('b'.repeat(32));
export const INIT = Uint8Array.from([0, 0, 0, 8, 0x66, 0x74, 0x79, 0x70]);

function entryOf(index: number, kind: 'vod' | 'live'): LogEntry {
  const bytes = chunkBytes(index);
  const hashes = sha256(leafInput(bytes));
  const root = merkleRoot(hashes, sha256);
  const record = { stream: streamId(0), index: chunkIndex(index), startUs: index * 2e6, durationUs: 2e6, bytes: bytes.length, root, mediaSequence: index, discontinuitySequence: 0, onAirMs: kind === 'live' ? 1_700_000_000_000 + index * 2000 : 0 };
  return { signed: { record, signature: new Uint8Array(64) }, hashes };
}

export class FakeChannel implements ServedChannel {
  readonly id;
  readonly title;
  readonly kind;
  isListed = true;
  readonly description: ChannelDescription;
  readonly signedDescription;
  readonly durationSeconds;
  /** How often a chunk was read from "disk". */
  reads = 0;
  readonly pictures = new Map<string, Uint8Array>();
  /** What `readChunk` does instead, where set. */
  fault: Error | undefined;
  readonly #available: Available;

  constructor(kind: 'vod' | 'live', available: Available, title = 'A channel') {
    this.id = kind === 'vod' ? VOD_ID : LIVE_ID;
    this.title = title;
    this.kind = kind;
    this.#available = available;
    this.durationSeconds = kind === 'vod' ? (available.newest + 1) * 2 : null;
    this.description = {
      version: 1,
      publicKey: bytesToBase64(new Uint8Array(32)),
      title,
      kind,
      pieceBytes: 16_384,
      windowChunks: kind === 'live' ? 3 : 0,
      streams: [{
        id: 0, kind: 'muxed', codecs: 'avc1.64001e,mp4a.40.2', bandwidth: 1_200_000, averageBandwidth: 1_000_000, width: 854, height: 480, frameRate: 25,
        language: '', name: '', init: bytesToBase64(INIT), extension: 'm4s', targetDurationSeconds: 2,
        durationsUs: kind === 'vod' ? Array.from({ length: available.newest + 1 }, () => 2_000_000) : [],
      }],
    };
    this.signedDescription = { channel: this.id, description: JSON.stringify(this.description), signature: bytesToBase64(new Uint8Array(64)) };
  }

  available(stream: number): Available | undefined {
    return stream === 0 ? this.#available : undefined;
  }

  entry(stream: number, index: number): LogEntry | undefined {
    const isThere = stream === 0 && index >= this.#available.first && index <= this.#available.newest;
    return isThere ? entryOf(index, this.kind) : undefined;
  }

  async readChunk(stream: number, index: number): Promise<Uint8Array | undefined> {
    this.reads += 1;
    if (this.fault) throw this.fault;
    return this.entry(stream, index) && chunkBytes(index);
  }

  picture(hash: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.pictures.get(hash));
  }
}
