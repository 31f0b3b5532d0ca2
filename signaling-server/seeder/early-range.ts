/**
 * Which bytes of a film's first chunk show its first picture: its first movie fragment, in whole pieces because a piece is
 * what can be checked. A watch page asks for them before its scripts are here.
 */
import { MAX_STREAMS, PIECE_BYTES } from '#protocol/limits';
import type { EarlyRange } from '#protocol/paths';
import type { ServedChannel } from './served-channel.ts';

/** More than this is no beginning any more: such a chunk is left to the player. */
const MAX_EARLY_BYTES = 16 * PIECE_BYTES;
/** Channels whose first fragment is remembered: each is a few bytes, and far more are hardly on one server. */
const MAX_REMEMBERED = 64 * MAX_STREAMS;

/** Length of the first movie fragment (ISO/IEC 14496-12: moof and its mdat) with what stands before it; undefined where there is none. */
export function firstFragmentBytes(chunk: Uint8Array): number | undefined {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  for (let at = 0; at + 8 <= chunk.length; ) {
    const size = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (size < 8 || at + size > chunk.length) return undefined; // 64-bit and open-ended boxes are none of ours.
    at += size;
    if (type === MDAT) return at;
  }
  return undefined;
}

const MDAT = 0x6d646174;

export class EarlyRanges {
  readonly #known = new Map<string, EarlyRange | undefined>();

  /** Undefined for live channels, whose viewers start wherever the edge is, and for chunks that are not played by part. */
  async of(channel: ServedChannel): Promise<EarlyRange | undefined> {
    // A chunk that is still on its way up from a host elsewhere would hold up the page that asks for it.
    if (channel.kind !== 'vod' || channel.isComplete === false) return undefined;
    if (!this.#known.has(channel.id)) {
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      this.#known.set(channel.id, await measure(channel));
    }
    return this.#known.get(channel.id);
  }
}

async function measure(channel: ServedChannel): Promise<EarlyRange | undefined> {
  const { id: stream, isProgressive } = channel.description.streams[0]!;
  const chunk = channel.available(stream)?.first ?? 0;
  const bytes = isProgressive ? await channel.readChunk(stream, chunk).catch(() => undefined) : undefined; // Damaged: told when it is served.
  const fragment = bytes && firstFragmentBytes(bytes);
  if (!bytes || !fragment || fragment > MAX_EARLY_BYTES) return undefined;
  return { stream, chunk, bytes: Math.min(Math.ceil(fragment / PIECE_BYTES) * PIECE_BYTES, bytes.length) };
}
