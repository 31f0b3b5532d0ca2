/**
 * Writes one chunk: the packets of one stretch of time as movie fragments (moof and mdat each), and beside it the
 * initialisation section that all chunks of the stream share. mediabunny writes the boxes, of one fragment; cutting it
 * into several is ours (split-fragment.ts). Each chunk has an output of its own, so that memory holds one chunk whatever
 * the length of the film.
 */
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  type EncodedPacket,
} from 'mediabunny';
import { concatenate, find, viewOf } from './boxes.ts';
import { clearDates, readTracks } from './fragment.ts';
import type { MediaFile } from './media-file.ts';
import { splitFragment } from './split-fragment.ts';

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

/** @throws Error of mediabunny when packets do not fit the track they are of. */
export async function muxChunk(file: MediaFile, packets: ChunkPackets): Promise<MuxedChunk> {
  const header: Uint8Array[] = [];
  const target = new BufferTarget();
  const output = new Output({
    format: new Mp4OutputFormat({
      fastStart: 'fragmented',
      // One fragment for now: everything there is when the output is finalised.
      minimumFragmentDuration: Infinity,
      onFtyp: (data) => void header.push(data.slice()),
      onMoov: (data) => void header.push(data.slice()),
    }),
    target,
  });
  const video = file.video && new EncodedVideoPacketSource(file.video.codec);
  const audio = file.audio && new EncodedAudioPacketSource(file.audio.codec);
  // Configurations are given ahead, so that both tracks exist in every header even where a chunk has no sound.
  if (file.video && video) {
    const decoderConfig = (await file.video.track.getDecoderConfig())!;
    output.addVideoTrack(video, { decoderConfig, primingPacket: file.video.first, rotation: await file.video.track.getRotation() });
  }
  if (file.audio && audio) {
    const decoderConfig = (await file.audio.track.getDecoderConfig())!;
    output.addAudioTrack(audio, { decoderConfig, primingPacket: file.audio.first });
  }
  await output.start();
  for (const packet of packets.video) await video?.add(packet);
  for (const packet of packets.audio) await audio?.add(packet);
  await output.finalize();
  const init = concatenate(header);
  clearDates(init);
  // Behind the header stand one moof and one mdat, then an index (mfra) that a chunk has no use for.
  const written = new Uint8Array(target.buffer!);
  const [mdat] = find(viewOf(written), { start: init.length, end: written.length }, ['mdat']);
  return { init, bytes: splitFragment(written.subarray(init.length, mdat!.end), readTracks(init)) };
}
