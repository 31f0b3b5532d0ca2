/** Bytes the seeder really wrote, per channel: what origin copies are computed from. */
import type { ChannelId } from '#protocol/ids';

export const OTHER_KINDS = ['records', 'description', 'init', 'playlist'] as const;
export type OtherKind = (typeof OTHER_KINDS)[number];

interface StreamCounts {
  bytes: number;
  requests: number;
}

export class Traffic {
  readonly #media = new Map<ChannelId, Map<number, StreamCounts>>();
  readonly #other = new Map<ChannelId, Record<OtherKind, number>>();

  countRequest(channel: ChannelId, stream: number): void {
    this.#stream(channel, stream).requests += 1;
  }

  /** Chunk bytes handed to the socket; headers are not counted. */
  countMedia(channel: ChannelId, stream: number, bytes: number): void {
    this.#stream(channel, stream).bytes += bytes;
  }

  countOther(channel: ChannelId, kind: OtherKind, bytes: number): void {
    let kinds = this.#other.get(channel);
    if (!kinds) this.#other.set(channel, (kinds = { records: 0, description: 0, init: 0, playlist: 0 }));
    kinds[kind] += bytes;
  }

  media(channel: ChannelId): { stream: number; bytes: number; requests: number }[] {
    return [...(this.#media.get(channel) ?? new Map<number, StreamCounts>())].map(([stream, counts]) => ({ stream, ...counts }));
  }

  other(channel: ChannelId): Readonly<Record<OtherKind, number>> {
    return this.#other.get(channel) ?? { records: 0, description: 0, init: 0, playlist: 0 };
  }

  #stream(channel: ChannelId, stream: number): StreamCounts {
    let streams = this.#media.get(channel);
    if (!streams) this.#media.set(channel, (streams = new Map<number, StreamCounts>()));
    let counts = streams.get(stream);
    if (!counts) streams.set(stream, (counts = { bytes: 0, requests: 0 }));
    return counts;
  }
}
