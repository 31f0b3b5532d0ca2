/**
 * mediabunny's part in a chunk: the initialisation section, and fragments of packets that MP4 holds in another form than
 * their container, such as H.264 and AAC of MPEG-TS.
 */
import { BufferTarget, EncodedAudioPacketSource, EncodedVideoPacketSource, Mp4OutputFormat, Output, type EncodedPacket } from 'mediabunny';
import { concatenate, find, viewOf } from './boxes.ts';
import { clearDates } from './fragment.ts';
import type { MediaFile } from './media-file.ts';
import type { ChunkPackets, MuxedChunk } from './mux-chunk.ts';

/** The tracks of a file, before it has a header. */
export type Tracks = Pick<MediaFile, 'video' | 'audio'>;

/** ftyp and moov; the same bytes whenever they are made. */
export async function writeHeader(file: Tracks): Promise<Uint8Array> {
  // As chunks have them, at no time below zero: that would be written down in the header.
  const first = (source: { readonly first: EncodedPacket } | undefined): EncodedPacket[] => (source ? [source.first.clone({ timestamp: 0 })] : []);
  return (await muxWhole(file, { video: first(file.video), audio: first(file.audio) })).init;
}

/** Whether packets are kept in a form that MP4 cannot hold: without a decoder configuration beside them. */
export async function needsRewriting({ video, audio }: Tracks): Promise<boolean> {
  const isAnnexB = video?.codec === 'avc' && !(await video.track.getDecoderConfig())?.description;
  const isAdts = audio?.codec === 'aac' && !(await audio.track.getDecoderConfig())?.description;
  return isAnnexB || isAdts;
}

/** Everything in one fragment. @throws Error of mediabunny when packets do not fit the track they are of. */
export async function muxWhole(file: Tracks, packets: ChunkPackets): Promise<MuxedChunk> {
  const header: Uint8Array[] = [];
  const target = new BufferTarget();
  const output = new Output({
    format: new Mp4OutputFormat({
      fastStart: 'fragmented',
      // Everything there is when the output is finalised.
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
  return { init, bytes: written.subarray(init.length, mdat!.end) };
}
