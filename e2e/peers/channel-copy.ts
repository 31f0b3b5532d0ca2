/**
 * A whole on-demand channel in memory, as the seeder gives it: what a scripted peer claims to hold, serves or spoils,
 * and what it compares others' pieces with. Nothing of it is verified; that is the business of those under test.
 */
import { base64ToBytes } from '#protocol/base64';
import type { ChannelDescription, SignedDescription } from '#protocol/description';
import { chunkIndex, streamId, type ChannelId, type ChunkIndex, type StreamId } from '#protocol/ids';
import { MAX_RECORDS_PER_MESSAGE, PIECE_BYTES } from '#protocol/limits';
import { paths } from '#protocol/paths';
import { decodeLogEntries, pieceLength, type LogEntry } from '#protocol/record';

export class ChannelCopy {
  readonly channel: ChannelId;
  readonly stream: StreamId;
  readonly entries: readonly LogEntry[];
  /** Bytes of the media header. */
  readonly init: Uint8Array;
  readonly chunks: readonly Uint8Array[];

  private constructor(parts: Pick<ChannelCopy, 'channel' | 'stream' | 'entries' | 'init' | 'chunks'>) {
    this.channel = parts.channel;
    this.stream = parts.stream;
    this.entries = parts.entries;
    this.init = parts.init;
    this.chunks = parts.chunks;
  }

  /** Fetches the first stream. */
  static async fetch(serverUrl: string, channel: ChannelId): Promise<ChannelCopy> {
    const description = await fetchDescription(serverUrl, channel);
    const { id, extension, durationsUs, init } = description.streams[0]!;
    const stream = streamId(id);
    const entries: LogEntry[] = [];
    const chunks: Uint8Array[] = [];
    while (entries.length < durationsUs.length) {
      const bytes = await fetchBytes(serverUrl + paths.records(channel, stream, chunkIndex(entries.length), MAX_RECORDS_PER_MESSAGE));
      entries.push(...decodeLogEntries(bytes));
    }
    for (const { signed } of entries) {
      chunks.push(await fetchBytes(serverUrl + paths.chunk(channel, stream, signed.record.index, extension)));
    }
    return new ChannelCopy({ channel, stream, entries, chunks, init: base64ToBytes(init) });
  }

  get length(): number {
    return this.entries.length;
  }

  entry(chunk: ChunkIndex): LogEntry | undefined {
    return this.entries[chunk];
  }

  /** A copy of a piece; undefined where the chunk has no such piece. */
  piece(chunk: ChunkIndex, piece: number): Uint8Array | undefined {
    const bytes = this.chunks[chunk];
    const start = piece * PIECE_BYTES;
    if (bytes === undefined || start >= bytes.length) return undefined;
    return bytes.slice(start, start + pieceLength(bytes.length, piece));
  }

  isRight(chunk: ChunkIndex, piece: number, data: Uint8Array): boolean {
    const right = this.piece(chunk, piece);
    return right !== undefined && Buffer.compare(right, data) === 0;
  }
}

async function fetchDescription(serverUrl: string, channel: ChannelId): Promise<ChannelDescription> {
  const response = await fetch(serverUrl + paths.description(channel));
  const signed = (await response.json()) as SignedDescription;
  return JSON.parse(signed.description) as ChannelDescription;
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}
