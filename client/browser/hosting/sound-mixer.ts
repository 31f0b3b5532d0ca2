/**
 * All sound of a broadcast as one track of 48 kHz: microphones have rates of their own, encoders and players want one
 * that never changes, and a screen may bring its sound beside a voice. The browser's audio graph resamples without
 * holding anything back; the resampler of the packaging library collects five seconds first, by which viewers would be
 * behind. Without a source it gives silence: a broadcast that has a soundtrack from its first moment can get or lose a
 * microphone later, where players could not take another track.
 */

/** What players accept in the header of Opus (RFC 7845, section 5.1), and AAC has as well. */
export const SOUND_HERTZ = 48_000;

/** How long an audio graph may take to begin, ms. Some browsers' never does where the machine has no output for sound. */
const BEGIN_MS = 1_500;

export class SoundMixer {
  readonly track: MediaStreamAudioTrack;
  readonly #context: AudioContext;

  /**
   * Null where the browser gives no sound: a soundtrack that never comes would hold the picture up for ever.
   * @param tracks any number; they stay their owner's.
   * @throws DOMException where the browser cannot bring a track to that rate.
   */
  static async open(tracks: readonly MediaStreamTrack[]): Promise<SoundMixer | null> {
    const mixer = new SoundMixer(tracks);
    await Promise.race([mixer.#context.resume().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, BEGIN_MS))]);
    if (mixer.#context.state === 'running') return mixer;
    mixer.close();
    return null;
  }

  private constructor(tracks: readonly MediaStreamTrack[]) {
    this.#context = new AudioContext({ sampleRate: SOUND_HERTZ, latencyHint: 'interactive' });
    try {
      const mix = this.#context.createMediaStreamDestination();
      const silence = new ConstantSourceNode(this.#context, { offset: 0 });
      silence.connect(mix);
      silence.start();
      for (const track of tracks) this.#context.createMediaStreamSource(new MediaStream([track])).connect(mix);
      const track = mix.stream.getAudioTracks()[0]!;
      // Where tracks give no samples of their own they are read through another audio graph, at the rate that they name;
      // some browsers name none.
      const settings = track.getSettings();
      track.getSettings = () => ({ ...settings, sampleRate: SOUND_HERTZ });
      this.track = track;
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
