/**
 * Camera or screen through the browser's own recorder, for browsers without WebCodecs: what it writes is taken apart into
 * the same header and fragments (one from keyframe to keyframe, as Chromium's recorder writes them). It says nothing of
 * how it copes, so the picture is never made smaller here.
 */
import { concatenate } from '#ingest/boxes';
import { clearDates } from '#ingest/fragment';
import { FragmentStream, type FragmentPart } from '#ingest/fragment-stream';
import { probeSegment } from '#ingest/probe-segment';
import { AUDIO_BITS_PER_SECOND, videoBitsOf } from './live-encoder.ts';
import { fitInto } from './live-picture.ts';
import type { LiveSource, LiveSourceParts } from './live-source.ts';
import { SoundMixer } from './sound-mixer.ts';

/** What viewers can play, best first; recorders of the other container bring a codec that MP4 has no place for. */
const TYPES = ['video/mp4;codecs=avc1.42e01f,mp4a.40.2', 'video/mp4;codecs=avc1.42e01f,opus', 'video/mp4'];
/** Pieces of the recording that are asked for, ms: what a fragment may wait here. */
const SLICE_MS = 100;

/** The type of recording to ask for; null where the browser records nothing that viewers can play. */
export function recordingType(): string | null {
  const { MediaRecorder: Recorder } = globalThis as { readonly MediaRecorder?: typeof MediaRecorder };
  return TYPES.find((type) => Recorder?.isTypeSupported(type)) ?? null;
}

export class LiveRecorder implements LiveSource {
  readonly #parts: LiveSourceParts;
  #mixer: SoundMixer | null = null;
  readonly #boxes = new FragmentStream();
  #recorder: MediaRecorder | undefined;
  #init: Uint8Array | undefined;
  #hasFacts = false;
  #onAirMs: number | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: LiveSourceParts) {
    this.#parts = parts;
    void this.#start().catch((error: unknown) => this.#failed(error));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#recorder?.state !== 'inactive') this.#recorder?.stop();
    this.#mixer?.close();
  }

  async #start(): Promise<void> {
    const { stream, picture, chunkMs, wallClockMs } = this.#parts;
    this.#mixer = await SoundMixer.open(stream.getAudioTracks());
    if (this.#isClosed) {
      this.#mixer?.close();
      return;
    }
    const { width = 1280, height = 720 } = stream.getVideoTracks()[0]?.getSettings() ?? {};
    const recorder = new MediaRecorder(new MediaStream([...stream.getVideoTracks(), ...(this.#mixer ? [this.#mixer.track] : [])]), {
      mimeType: recordingType() ?? '', audioBitsPerSecond: AUDIO_BITS_PER_SECOND, videoBitsPerSecond: videoBitsOf(fitInto(picture, width, height)),
      // Where it is not known keyframes are as far apart as the recorder likes, and chunks as long.
      ...{ videoKeyFrameIntervalDuration: chunkMs },
    });
    this.#recorder = recorder;
    recorder.onstart = () => (this.#onAirMs = wallClockMs());
    recorder.onerror = () => this.#failed(new Error('The recorder of this browser has broken off. Go on air again to go on under the same link.'));
    recorder.ondataavailable = ({ data }) => {
      this.#turn = this.#turn.then(async () => this.#take(new Uint8Array(await data.arrayBuffer()))).catch((error: unknown) => this.#failed(error));
    };
    recorder.start(SLICE_MS);
  }

  async #take(bytes: Uint8Array): Promise<void> {
    for (const part of this.#boxes.push(bytes)) {
      if (!this.#isClosed) await this.#part(part);
    }
  }

  async #part({ kind, bytes }: FragmentPart): Promise<void> {
    if (kind === 'init') {
      clearDates(bytes);
      this.#init = bytes;
      return;
    }
    const init = this.#init;
    if (!init) return;
    if (!this.#hasFacts) await this.#tellFacts(init, bytes);
    this.#parts.onFragment(bytes);
  }

  async #tellFacts(init: Uint8Array, fragment: Uint8Array): Promise<void> {
    this.#hasFacts = true;
    const { kind, codecs, width, height, frameRate } = await probeSegment('The recording', concatenate([init, fragment]));
    const bitsPerSecond = videoBitsOf({ width, height }) + (kind === 'muxed' ? AUDIO_BITS_PER_SECOND : 0);
    this.#parts.onFacts({ init, kind: kind === 'muxed' ? 'muxed' : 'video', codecs, width, height, frameRate, bitsPerSecond, onAirMs: this.#onAirMs ?? this.#parts.wallClockMs() });
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#parts.onFailed(error instanceof Error ? error.message : String(error));
  }
}
