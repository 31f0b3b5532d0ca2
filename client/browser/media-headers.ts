/**
 * The media headers of a channel as a viewer knows them. A live encoder that is set up anew may have another header; the
 * description that a viewer came with does not know it, so it is read again, once for each discontinuity that it does
 * not tell of (SPEC D-5). Until then chunks behind that discontinuity are not shown to the player.
 */
import type { Cancel, Clock } from '#engine/ports';
import { base64ToBytes } from '#protocol/base64';
import type { ChannelDescription, StreamDescription } from '#protocol/description';
import type { StreamId } from '#protocol/ids';
import { headerOf, mayLackHeader } from '#protocol/media-header';

/** Between two attempts: the host is back, so its server is there or will be. */
const RETRY_MS = 1_000;

export interface MediaHeadersParts {
  readonly description: ChannelDescription;
  readonly clock: Clock;
  /** The description as it is now, signed by the channel; undefined where it could not be had. Never rejects. */
  readonly readAgain: () => Promise<ChannelDescription | undefined>;
}

export class MediaHeaders {
  readonly #parts: MediaHeadersParts;
  readonly #listeners = new Set<() => void>();
  #streams: ReadonlyMap<StreamId, StreamDescription>;
  /** Discontinuities up to which the description has been read again, by stream. */
  readonly #readFor = new Map<StreamId, number>();
  #isReading = false;
  #isClosed = false;
  #cancelRetry: Cancel | undefined;

  constructor(parts: MediaHeadersParts) {
    this.#parts = parts;
    this.#streams = streamsOf(parts.description);
  }

  /** The stream with all its headers known now. */
  stream(id: StreamId): StreamDescription | undefined {
    return this.#streams.get(id);
  }

  /** A copy of its own; undefined for an unknown stream. @param from as `headerName` has it */
  bytes(id: StreamId, from: number): Uint8Array<ArrayBuffer> | undefined {
    const stream = this.#streams.get(id);
    return stream && new Uint8Array(base64ToBytes(headerOf(stream, from).init));
  }

  /** Whether the header of chunks with that discontinuity is known; where it is not, it is being asked for. */
  isKnown(id: StreamId, discontinuity: number): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined || !mayLackHeader(stream, discontinuity) || discontinuity <= (this.#readFor.get(id) ?? 0)) return true;
    this.#read(id, discontinuity);
    return false;
  }

  /** Calls `listener` when more is known. */
  onLearned(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#listeners.clear();
  }

  #read(id: StreamId, discontinuity: number): void {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    void this.#parts.readAgain().then((description) => {
      if (this.#isClosed) return;
      if (description !== undefined) {
        this.#streams = streamsOf(description);
        this.#readFor.set(id, discontinuity);
      }
      this.#cancelRetry = this.#parts.clock.after(description === undefined ? RETRY_MS : 0, () => {
        this.#isReading = false;
        for (const listener of [...this.#listeners]) listener();
      });
    });
  }
}

const streamsOf = ({ streams }: ChannelDescription): ReadonlyMap<StreamId, StreamDescription> => new Map(streams.map((stream) => [stream.id as StreamId, stream]));
