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
import { SOUND_HERTZ, SoundMixer } from './sound-mixer.ts';

export interface EncodedFacts {
  /** ftyp and moov. */
  readonly init: Uint8Array;
  /** RFC 6381. */
  readonly codecs: string;
  readonly kind: 'muxed' | 'video';
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly bitsPerSecond: number;
  /** When the capture's time 0 was, ms since 1970 by this page's clock. */
  readonly onAirMs: number;
}

export interface LiveEncoderParts {
  readonly stream: MediaStream;
  /** Time from keyframe to keyframe, ms. */
  readonly chunkMs: number;
  readonly wallClockMs: () => number;
  /** Once, before the first fragment. */
  readonly onFacts: (facts: EncodedFacts) => void;
  /** A moof and its mdat. */
  readonly onFragment: (fragment: Uint8Array) => void;
  /** Encoding broke off; nothing more comes. */
  readonly onFailed: (sentence: string) => void;
}

/** Every browser plays the first; the others are for machines whose encoder it is not. */
const VIDEO_CODECS = ['avc', 'vp9'] as const;
const AUDIO_CODECS = ['aac', 'opus'] as const;
/** A picture of 1280x720 with little in motion is good at this, and it leaves room on a home's uplink for copies. */
const BITS_PER_PIXEL_SECOND = 1.6;
const AUDIO_BITS_PER_SECOND = 96_000;
const MIN_VIDEO_BITS_PER_SECOND = 400_000;
const CANNOT_ENCODE = 'This browser has no encoder for live video in a format that viewers can play. Try a current Chrome, Edge or Safari.';

export class LiveEncoder {
  readonly #parts: LiveEncoderParts;
  readonly #header: Uint8Array[] = [];
  #moof: Uint8Array | undefined;
  #output: Output | undefined;
  #mixer: SoundMixer | undefined;
  #videoCodec = '';
  #audioCodec = '';
  #hasFacts = false;
  #onAirMs: number | undefined;
  #isClosed = false;

  constructor(parts: LiveEncoderParts) {
    this.#parts = parts;
    void this.#start().catch((error: unknown) => this.#failed(error));
  }

  /** Ends encoding; what is not a whole fragment is lost. The stream is its owner's to release. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#mixer?.close();
    void this.#output?.cancel().catch(() => undefined); // It is over either way.
  }

  async #start(): Promise<void> {
    const { stream } = this.#parts;
    const [picture] = stream.getVideoTracks();
    const sound = stream.getAudioTracks();
    if (!picture) throw new Error('There is no picture to be shown.');
    const output = new Output({
      target: new NullTarget(),
      format: new Mp4OutputFormat({
        fastStart: 'fragmented',
        // Cut at each keyframe; half of the distance is enough to make sure of every one.
        minimumFragmentDuration: this.#parts.chunkMs / 2000,
        onFtyp: (data) => void this.#header.push(data.slice()),
        onMoov: (data) => void this.#header.push(data.slice()),
        onMoof: (data) => (this.#moof = data.slice()),
        onMdat: (data) => this.#fragment(data.slice()),
      }),
    });
    this.#output = output;
    const video = await this.#video(picture);
    const audio = await this.#audio(sound);
    if (this.#isClosed) return;
    output.addVideoTrack(video);
    if (audio) output.addAudioTrack(audio);
    for (const source of [video, audio]) source?.errorPromise.catch((error: unknown) => this.#failed(error));
    await output.start();
  }

  async #video(track: MediaStreamVideoTrack): Promise<MediaStreamVideoTrackSource> {
    const { width = 1280, height = 720, frameRate = 30 } = track.getSettings();
    const bitrate = this.#videoBits;
    const codec = await getFirstEncodableVideoCodec([...VIDEO_CODECS], { width, height, bitrate });
    if (codec === null) throw new Error(CANNOT_ENCODE);
    return new MediaStreamVideoTrackSource(
      track,
      {
        codec, quality: new Quality({ bitrate }), latencyMode: 'realtime', keyFrameInterval: this.#parts.chunkMs / 1000,
        // A window that is made larger or a phone that is turned: the stream keeps its shape.
        sizeChangeBehavior: 'contain',
        onEncodedSample: ({ timestamp }) => (this.#onAirMs ??= this.#parts.wallClockMs() - timestamp * 1000),
        onEncodedPacket: (_packet, meta) => (this.#videoCodec ||= meta?.decoderConfig?.codec ?? ''),
      },
      { frameRate: Math.min(30, frameRate) },
    );
  }

  async #audio(tracks: readonly MediaStreamTrack[]): Promise<MediaStreamAudioTrackSource | undefined> {
    const codec = await getFirstEncodableAudioCodec([...AUDIO_CODECS], { bitrate: AUDIO_BITS_PER_SECOND, sampleRate: SOUND_HERTZ });
    if (codec === null || this.#isClosed) return undefined;
    this.#mixer = new SoundMixer(tracks);
    return new MediaStreamAudioTrackSource(this.#mixer.track, {
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
    const { width = 1280, height = 720, frameRate = 30 } = this.#parts.stream.getVideoTracks()[0]?.getSettings() ?? {};
    return {
      init, width, height, frameRate, onAirMs: this.#onAirMs ?? this.#parts.wallClockMs(),
      codecs: [this.#videoCodec, this.#audioCodec].filter((codec) => codec !== '').join(','),
      kind: this.#audioCodec === '' ? 'video' : 'muxed',
      bitsPerSecond: this.#videoBits + (this.#audioCodec === '' ? 0 : AUDIO_BITS_PER_SECOND),
    };
  }

  get #videoBits(): number {
    const { width = 1280, height = 720 } = this.#parts.stream.getVideoTracks()[0]?.getSettings() ?? {};
    return Math.max(MIN_VIDEO_BITS_PER_SECOND, Math.round(width * height * BITS_PER_PIXEL_SECOND));
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#parts.onFailed(error instanceof Error ? error.message : String(error));
  }
}
