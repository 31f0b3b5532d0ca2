/**
 * The chunking stage of a live source: fragments that each begin with a keyframe are put together into chunks, their
 * times moved onto the channel's own timeline. Nothing is held back for what comes next: a chunk is done with the
 * fragment that makes it long enough, because every moment it waits is a moment that viewers are behind.
 */
import { MAX_CHUNK_BYTES } from '#protocol/limits';
import { concatenate } from './boxes.ts';
import { readTrackFragments, readTracks, shiftFragment, type TrackHeader } from './fragment.ts';
import { IngestError } from './ingest-error.ts';
import { splitFragment } from './split-fragment.ts';

export interface LiveChunk {
  readonly bytes: Uint8Array;
  /** On the channel's timeline, microseconds. */
  readonly startUs: number;
  readonly durationUs: number;
}

export interface LiveChunkerNeeds {
  /** ftyp and moov of this connection. */
  readonly init: Uint8Array;
  /** Where on the channel's timeline this connection begins: the end of the chunk before it. */
  readonly startUs: number;
  /** Index of the connection's first chunk; fragments are numbered by it. */
  readonly firstIndex: number;
  /** Duration that a chunk comes close to. */
  readonly targetUs: number;
}

/** A chunk may be this much shorter than the target: encoders that mean 2 s also make 1.98 s. */
const LONG_ENOUGH = 0.75;

export class LiveChunker {
  readonly #needs: LiveChunkerNeeds;
  readonly #tracks: readonly TrackHeader[];
  readonly #lead: TrackHeader;
  /** Decode time of the first fragment, in units of the leading track. */
  #base: bigint | undefined;
  #collected: Uint8Array[] = [];
  #startUs: number;
  #endUs: number;
  #index: number;

  /** @throws RangeError without a track. */
  constructor(needs: LiveChunkerNeeds) {
    this.#needs = needs;
    this.#tracks = readTracks(needs.init);
    const lead = this.#tracks.find((track) => track.isVideo) ?? this.#tracks[0];
    if (!lead) throw new RangeError('a stream without a track');
    this.#lead = lead;
    this.#startUs = this.#endUs = needs.startUs;
    this.#index = needs.firstIndex;
  }

  /**
   * @param fragment moof and mdat that begin with a keyframe
   * @returns the chunk that is done with it. @throws RangeError on a fragment that does not hold together, IngestError on
   * a chunk that is too large.
   */
  push(fragment: Uint8Array): LiveChunk | undefined {
    const lead = readTrackFragments(fragment).find(({ id, samples }) => id === this.#lead.id && samples > 0);
    // Sound after the last picture: it goes with the pictures before it.
    if (!lead && this.#base === undefined) return undefined;
    this.#collected.push(splitFragment(fragment, this.#tracks));
    if (!lead) return undefined;
    this.#base ??= lead.baseDecodeTime;
    const end = lead.baseDecodeTime - this.#base + BigInt(lead.duration);
    this.#endUs = this.#needs.startUs + Math.round((Number(end) * 1e6) / this.#lead.timescale);
    return this.#endUs - this.#startUs >= this.#needs.targetUs * LONG_ENOUGH ? this.flush() : undefined;
  }

  /** What was collected and makes no whole chunk; undefined where there is nothing. */
  flush(): LiveChunk | undefined {
    const durationUs = this.#endUs - this.#startUs;
    if (durationUs <= 0 || this.#collected.length === 0) return undefined;
    const baseUs = Math.round((Number(this.#base) * 1e6) / this.#lead.timescale);
    const bytes = shiftFragment(concatenate(this.#collected), this.#tracks, this.#needs.startUs - baseUs, (this.#index + 1) % 0x100_0000);
    if (bytes.length > MAX_CHUNK_BYTES) {
      throw new IngestError('chunkTooLarge', `The live source has more than ${MAX_CHUNK_BYTES / 1024 / 1024} MiB between two keyframes; set its keyframe interval to 2 seconds.`);
    }
    const chunk = { bytes, startUs: this.#startUs, durationUs };
    this.#collected = [];
    this.#startUs = this.#endUs;
    this.#index += 1;
    return chunk;
  }
}
