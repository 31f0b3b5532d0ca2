/**
 * Clips made for a test: real MP4 and MKV containers whose pictures are noise. Keyframes, lengths and codecs are the
 * test's to choose; nothing here can be decoded, and nothing in the server tries to.
 */
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Mp4OutputFormat,
  Output,
  type AudioCodec,
  type VideoCodec,
} from 'mediabunny';
import { writeFile } from 'node:fs/promises';

export interface Clip {
  readonly seconds: number;
  readonly framesPerSecond?: number;
  /** Frame numbers of the keyframes; 0 is always one. */
  readonly keyframes?: readonly number[];
  readonly audioSeconds?: number;
  readonly video?: VideoCodec | 'none';
  readonly audio?: AudioCodec | 'none';
  /** Each second frame is shown before the one that is decoded before it. */
  readonly isReordered?: boolean;
  readonly bytesPerFrame?: number;
}

/** An H.264 High decoder configuration for 854x480, as an encoder wrote it. */
const AVCC = Buffer.from('0164001effe1001a6764001eacd940d83de6f011000003000100000300300f162d96010006 68ebe3cb22c0'.replace(' ', ''), 'hex');
/** AAC-LC, 48 kHz, stereo. */
const AAC = Buffer.from('1190', 'hex');
const AAC_FRAME_S = 1024 / 48_000;

const VIDEO: Readonly<Partial<Record<VideoCodec, { codec: string; description?: Uint8Array }>>> = {
  avc: { codec: 'avc1.64001e', description: AVCC },
  vp8: { codec: 'vp8' },
  vp9: { codec: 'vp09.00.10.08' },
};

/** Bytes that look like one length-prefixed NAL unit; a different one for each number. */
function frame(type: 'key' | 'delta', number: number, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  new DataView(data.buffer).setUint32(0, bytes - 4);
  data[4] = type === 'key' ? 0x65 : 0x41;
  let state = number * 2654435761 + 1;
  // Noise at the beginning is enough to tell frames apart.
  for (let at = 5; at < Math.min(bytes, 1000); at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = (state >>> 24) | 1;
  }
  return data;
}

export async function writeClip(path: string, clip: Clip): Promise<string> {
  const { seconds, framesPerSecond = 25, audioSeconds = seconds, video = 'avc', audio = 'aac', bytesPerFrame = 400 } = clip;
  const target = new BufferTarget();
  const output = new Output({ format: path.endsWith('.mkv') ? new MkvOutputFormat() : new Mp4OutputFormat(), target });
  const picture = video === 'none' ? undefined : new EncodedVideoPacketSource(video);
  const sound = audio === 'none' ? undefined : new EncodedAudioPacketSource(audio);
  if (picture) output.addVideoTrack(picture);
  if (sound) output.addAudioTrack(sound);
  await output.start();
  const frames = picture ? Math.round(seconds * framesPerSecond) : 0;
  const keyframes = new Set(clip.keyframes ?? Array.from({ length: Math.ceil(seconds / 2) }, (_, i) => Math.round(i * 2 * framesPerSecond)));
  const videoConfig = { codedWidth: 854, codedHeight: 480, ...(video === 'none' ? { codec: '' } : VIDEO[video]!) };
  for (let n = 0; n < frames; n++) {
    const type = n === 0 || keyframes.has(n) ? 'key' : 'delta';
    await picture!.add(
      new EncodedPacket(frame(type, n, bytesPerFrame), type, shown(n, clip.isReordered === true, keyframes, frames) / framesPerSecond, 1 / framesPerSecond),
      { decoderConfig: videoConfig },
    );
  }
  const audioConfig = audio === 'aac'
    ? { codec: 'mp4a.40.2', numberOfChannels: 2, sampleRate: 48_000, description: AAC }
    : { codec: audio, numberOfChannels: 2, sampleRate: 48_000 };
  for (let n = 0; sound && n * AAC_FRAME_S < audioSeconds - 1e-9; n++) {
    await sound.add(new EncodedPacket(frame('key', n, 120), 'key', n * AAC_FRAME_S, AAC_FRAME_S), { decoderConfig: audioConfig });
  }
  await output.finalize();
  await writeFile(path, Buffer.from(target.buffer!));
  return path;
}

/** Within each pair of delta frames the later one is decoded first, as a P frame before its B frame. */
function shown(n: number, isReordered: boolean, keyframes: ReadonlySet<number>, frames: number): number {
  if (!isReordered) return n;
  const start = Math.max(0, ...[...keyframes].filter((key) => key <= n));
  const end = Math.min(frames, ...[...keyframes].filter((key) => key > n));
  const place = n - start - 1;
  if (place < 0) return n;
  const partner = place % 2 === 0 ? n + 1 : n - 1;
  return partner < end ? partner : n;
}
