/**
 * All sound of a broadcast as one track of 48 kHz: microphones have rates of their own, encoders and players want one
 * that never changes, and a screen may bring its sound beside a voice. The browser's audio graph resamples without
 * holding anything back; the resampler of the packaging library collects five seconds first, by which viewers would be
 * behind. Without a source it gives silence: a broadcast that has a soundtrack from its first moment can get or lose a
 * microphone later, where players could not take another track.
 */

/** What players accept in the header of Opus (RFC 7845, section 5.1), and AAC has as well. */
export const SOUND_HERTZ = 48_000;

export class SoundMixer {
  readonly track: MediaStreamAudioTrack;
  readonly #context: AudioContext;

  /**
   * @param tracks any number; they stay their owner's.
   * @throws DOMException where the browser cannot bring a track to that rate.
   */
  constructor(tracks: readonly MediaStreamTrack[]) {
    this.#context = new AudioContext({ sampleRate: SOUND_HERTZ, latencyHint: 'interactive' });
    try {
      const mix = this.#context.createMediaStreamDestination();
      const silence = new ConstantSourceNode(this.#context, { offset: 0 });
      silence.connect(mix);
      silence.start();
      for (const track of tracks) this.#context.createMediaStreamSource(new MediaStream([track])).connect(mix);
      this.track = mix.stream.getAudioTracks()[0]!;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#context.state !== 'closed') void this.#context.close();
  }
}
