/**
 * Writes one chunk: the packets of one stretch of time as movie fragments (moof and mdat each). The fragments are ours
 * (write-fragments.ts), because a chunk is then put together in one copy; where packets have to be rewritten to stand in
 * MP4 at all, mediabunny does it (write-header.ts). Each chunk stands alone, so that memory holds one of them whatever
 * the length of the film.
 */
import type { EncodedPacket } from 'mediabunny';
import { readTracks } from './fragment.ts';
import { gatherSamples, type Allocate } from './gather-samples.ts';
import type { MediaFile } from './media-file.ts';
import { timeSamples } from './sample-times.ts';
import { splitFragment } from './split-fragment.ts';
import { muxWhole } from './write-header.ts';
import { writeFragments } from './write-fragments.ts';

export interface MuxedChunk {
  /** ftyp and moov; the same bytes for every chunk of a file. */
  readonly init: Uint8Array;
  /** moof and mdat, several times. */
  readonly bytes: Uint8Array;
}

/** Packets in decode order, their times already counted from the beginning of the channel, none below zero. */
export interface ChunkPackets {
  readonly video: readonly EncodedPacket[];
  readonly audio: readonly EncodedPacket[];
}

/** @throws RangeError, or Error of mediabunny, when packets do not fit the track they are of. */
export async function muxChunk(file: MediaFile, packets: ChunkPackets, allocate: Allocate = (bytes) => new Uint8Array(bytes)): Promise<MuxedChunk> {
  const headers = readTracks(file.init);
  if (file.needsRewriting) return { init: file.init, bytes: splitFragment((await muxWhole(file, packets)).bytes, headers) };
  const sources = [file.video && { ...file.video, packets: packets.video }, file.audio && { ...file.audio, packets: packets.audio }];
  const tracks = sources
    .filter((source) => source !== undefined)
    .map(({ track, packets: own }, at) => timeSamples(own, headers[at]!, file.direct?.places.get(track.id)))
    .filter(({ samples }) => samples.length > 0);
  return { init: file.init, bytes: await gatherSamples(writeFragments(tracks), file.direct?.file, allocate) };
}
