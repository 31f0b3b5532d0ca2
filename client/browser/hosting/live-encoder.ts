/**
 * Camera or screen as fMP4 fragments that each begin with a keyframe: WebCodecs encodes, mediabunny writes the boxes.
 * Fragments come as soon as the next keyframe does, so that no chunk waits for anything but its own end.
 */
import {
  getFirstEncodableAudioCodec, getFirstEncodableVideoCodec, MediaStreamAudioTrackSource, MediaStreamVideoTrackSource, Mp4OutputFormat, NullTarget, Output,
  Quality,
} from 'mediabunny';
import { concatenate } from '#ingest/boxes';
import { clearDates } from '#ingest/fragment';
import { mendAvcConfiguration } from './avc-configuration.ts';
import { InsetPicture } from './inset-picture.ts';
import { fitInto } from './live-picture.ts';
import type { EncodedFacts, LiveSource, LiveSourceParts } from './live-source.ts';
import { SOUND_HERTZ, SoundMixer } from './sound-mixer.ts';

/** Every browser plays the first; the others are for machines whose encoder it is not. */
const VIDEO_CODECS = ['avc', 'vp9'] as const;
const AUDIO_CODECS = ['aac', 'opus'] as const;
/** A picture of 1280x720 with little in motion is good at this, and it leaves room on a home's uplink for copies. */
const BITS_PER_PIXEL_SECOND = 1.6;
export const AUDIO_BITS_PER_SECOND = 96_000;
const MIN_VIDEO_BITS_PER_SECOND = 400_000;
const CANNOT_ENCODE = 'This browser has no encoder for live video in a format that viewers can play. Try a current Chrome, Edge or Safari.';

/** Bits a second that a live picture of that size is worth. */
export const videoBitsOf = ({ width, height }: { readonly width: number; readonly height: number }): number =>
  Math.max(MIN_VIDEO_BITS_PER_SECOND, Math.round(width * height * BITS_PER_PIXEL_SECOND));

/** Before the library writes it into the media header. */
function mendDescription(config: VideoDecoderConfig): void {
  const { description } = config;
  if (description === undefined) return;
  const bytes = ArrayBuffer.isView(description) ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength) : new Uint8Array(description);
  config.description = Uint8Array.from(mendAvcConfiguration(bytes));
}

export class LiveEncoder implements LiveSource {
  readonly #parts: LiveSourceParts;
  readonly #header: Uint8Array[] = [];
  readonly #size: { readonly width: number; readonly height: number };
  readonly #frameRate: number;
  #moof: Uint8Array | undefined;
  #output: Output | undefined;
  #mixer: SoundMixer | null = null;
  #inset: InsetPicture | undefined;
  #videoCodec = '';
  #audioCodec = '';
  #hasFacts = false;
  #onAirMs: number | undefined;
  /** Pictures encoded since the last keyframe, and the moment of that, seconds of the capture. */
  #encoded = 0;
  #keyframeAt: number | undefined;
  #isClosed = false;

  constructor(parts: LiveSourceParts) {
    this.#parts = parts;
    const { width = 1280, height = 720, frameRate = 30 } = parts.stream.getVideoTracks()[0]?.getSettings() ?? {};
    this.#size = fitInto(parts.picture, width, height);
    this.#frameRate = Math.min(parts.picture.frameRate, frameRate);
    void this.#start(width).catch((error: unknown) => this.#failed(error));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#mixer?.close();
    this.#inset?.close();
    void this.#output?.cancel().catch(() => undefined); // It is over either way.
  }

  async #start(capturedWidth: number): Promise<void> {
    const { stream, inset, chunkMs } = this.#parts;
    const [picture] = stream.getVideoTracks();
    if (!picture) throw new Error('There is no picture to be shown.');
    const output = new Output({
      target: new NullTarget(),
      format: new Mp4OutputFormat({
        fastStart: 'fragmented',
        // Cut at each keyframe; half of the distance is enough to make sure of every one.
        minimumFragmentDuration: chunkMs / 2000,
        onFtyp: (data) => void this.#header.push(data.slice()),
        onMoov: (data) => void this.#header.push(data.slice()),
        onMoof: (data) => (this.#moof = data.slice()),
        onMdat: (data) => this.#fragment(data.slice()),
      }),
    });
    this.#output = output;
    const [corner] = inset?.getVideoTracks() ?? [];
    if (corner) this.#inset = new InsetPicture(corner);
    const video = await this.#video(picture, this.#size.width < capturedWidth);
    const audio = await this.#audio(stream.getAudioTracks());
    if (this.#isClosed) return;
    output.addVideoTrack(video);
    if (audio) output.addAudioTrack(audio);
    for (const source of [video, audio]) source?.errorPromise.catch((error: unknown) => this.#failed(error));
    await output.start();
  }

  async #video(track: MediaStreamVideoTrack, isScaled: boolean): Promise<MediaStreamVideoTrackSource> {
    const bitrate = videoBitsOf(this.#size);
    const codec = await getFirstEncodableVideoCodec([...VIDEO_CODECS], { ...this.#size, bitrate });
    if (codec === null) throw new Error(CANNOT_ENCODE);
    const inset = this.#inset;
    return new MediaStreamVideoTrackSource(
      track,
      {
        codec, quality: new Quality({ bitrate }), latencyMode: 'realtime', keyFrameInterval: this.#parts.chunkMs / 1000,
        // A window that is made larger or a phone that is turned: the stream keeps its shape.
        sizeChangeBehavior: 'contain',
        ...(isScaled || inset ? { transform: { ...(isScaled ? this.#size : {}), ...(inset ? { process: (sample) => inset.drawOn(sample) } : {}) } } : {}),
        onEncodedSample: ({ timestamp }) => (this.#onAirMs ??= this.#parts.wallClockMs() - timestamp * 1000),
        onEncodedPacket: ({ type, timestamp }, meta) => {
          if (codec === 'avc' && meta?.decoderConfig) mendDescription(meta.decoderConfig);
          this.#videoCodec ||= meta?.decoderConfig?.codec ?? '';
          this.#count(type === 'key', timestamp);
        },
      },
      { frameRate: this.#frameRate },
    );
  }

  /** From keyframe to keyframe: how many pictures there were, of those that there should have been. */
  #count(isKeyframe: boolean, timestamp: number): void {
    if (isKeyframe) {
      if (this.#keyframeAt !== undefined) {
        const expected = (timestamp - this.#keyframeAt) * this.#frameRate;
        if (expected >= 1) this.#parts.onReached(Math.min(1, this.#encoded / expected));
      }
      [this.#keyframeAt, this.#encoded] = [timestamp, 0];
    }
    this.#encoded++;
  }

  async #audio(tracks: readonly MediaStreamTrack[]): Promise<MediaStreamAudioTrackSource | undefined> {
    const codec = await getFirstEncodableAudioCodec([...AUDIO_CODECS], { bitrate: AUDIO_BITS_PER_SECOND, sampleRate: SOUND_HERTZ });
    if (codec === null) return undefined;
    const mixer = await SoundMixer.open(tracks);
    if (this.#isClosed) mixer?.close();
    if (mixer === null || this.#isClosed) return undefined;
    this.#mixer = mixer;
    return new MediaStreamAudioTrackSource(mixer.track, {
      codec, quality: new Quality({ bitrate: AUDIO_BITS_PER_SECOND }),
      onEncodedPacket: (_packet, meta) => (this.#audioCodec ||= meta?.decoderConfig?.codec ?? ''),
    });
  }

  #fragment(mdat: Uint8Array): void {
    if (this.#isClosed || !this.#moof) return;
    if (!this.#hasFacts) {
      this.#hasFacts = true;
      this.#parts.onFacts(this.#facts());
    }
    const fragment = concatenate([this.#moof, mdat]);
    this.#moof = undefined;
    this.#parts.onFragment(fragment);
  }

  #facts(): EncodedFacts {
    const init = concatenate(this.#header);
    clearDates(init);
    return {
      init, ...this.#size, frameRate: this.#frameRate, onAirMs: this.#onAirMs ?? this.#parts.wallClockMs(),
      codecs: [this.#videoCodec, this.#audioCodec].filter((codec) => codec !== '').join(','),
      kind: this.#audioCodec === '' ? 'video' : 'muxed',
      bitsPerSecond: videoBitsOf(this.#size) + (this.#audioCodec === '' ? 0 : AUDIO_BITS_PER_SECOND),
    };
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#parts.onFailed(error instanceof Error ? error.message : String(error));
  }
}
