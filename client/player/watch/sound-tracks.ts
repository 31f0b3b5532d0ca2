/**
 * The sounds of a channel as the element's `audioTracks`, which is where media-chrome's menu looks for them and chooses
 * one (HTML standard, AudioTrackList). No browser has such a list of its own for what Media Source Extensions play.
 */
export interface SoundTrack {
  readonly id: string;
  readonly label: string;
  readonly language: string;
  /** Setting it true is choosing it. */
  enabled: boolean;
}

/** What there is to choose from; `id` is the stream's. */
export type Sound = Pick<SoundTrack, 'id' | 'label' | 'language'>;

export class SoundTracks extends EventTarget implements Iterable<SoundTrack> {
  readonly #choose: (id: string) => void;
  #sounds: readonly Sound[] = [];
  #heard = '';

  constructor(choose: (id: string) => void) {
    super();
    this.#choose = choose;
  }

  get length(): number {
    return this.#sounds.length;
  }

  [Symbol.iterator](): Iterator<SoundTrack> {
    const isHeard = ({ id }: Sound): boolean => id === this.#heard;
    const choose = this.#choose;
    return this.#sounds.map((sound) => ({
      ...sound,
      get enabled(): boolean {
        return isHeard(sound);
      },
      set enabled(isWanted: boolean) {
        if (isWanted && !isHeard(sound)) choose(sound.id);
      },
    }))[Symbol.iterator]();
  }

  /** What there is now, and what is heard of it. */
  show(sounds: readonly Sound[], heard: string): void {
    this.#sounds = sounds;
    this.#heard = heard;
    this.dispatchEvent(new Event('addtrack'));
    this.dispatchEvent(new Event('change'));
  }
}
