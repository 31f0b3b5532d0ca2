/** Whether a live source is there, said to the server again and again while it is, and the host's own peer, named with it. */
import type { PeerId } from '#protocol/ids';
import { PRESENCE_BEAT_MS } from '#protocol/publishing';
import type { PublishClient } from '#publishing/publish-client';
import { PublishFailure } from '#publishing/publish-error';

export interface LivePresenceNeeds {
  readonly client: PublishClient;
  /** Starts the host's own peer; called once, when the server has the channel. Undefined where there is to be none. */
  readonly startPeer: (() => Promise<PeerId | null>) | undefined;
  after(ms: number, run: () => void): () => void;
  onState(state: 'on' | 'away'): void;
}

export class LivePresence {
  readonly #needs: LivePresenceNeeds;
  #viewers = 0;
  /** Undefined while the source is away. */
  #stopBeat: (() => void) | undefined;
  /** It has the window to offer also while the source is away. */
  #peer: PeerId | null = null;
  #isPeerStarted = false;

  constructor(needs: LivePresenceNeeds) {
    this.#needs = needs;
  }

  /** Members of the swarm when the server last said so. */
  get viewers(): number {
    return this.#viewers;
  }

  /** Idempotent, as a source that goes on behind a break is. */
  arrived(): void {
    if (!this.#stopBeat) this.#needs.onState('on');
    this.#beat();
  }

  /** The server knows the channel: it can be told now. No chunk waits for the peer, since the server has them all. */
  described(): void {
    // A short visit may be over before it is described.
    if (this.#stopBeat) this.#beat();
    void this.#startPeer();
  }

  /** @param sent resolves when everything before is sent. @returns what resolves when this is said too. Idempotent. */
  left(sent: Promise<void>): Promise<void> {
    if (!this.#stopBeat) return sent;
    this.#stopBeat();
    this.#stopBeat = undefined;
    this.#needs.onState('away');
    return sent.then(() => (this.#stopBeat ? undefined : this.#tell('away')));
  }

  #beat(): void {
    this.#stopBeat?.();
    this.#stopBeat = this.#needs.after(PRESENCE_BEAT_MS, () => this.#beat());
    void this.#tell('on');
  }

  async #startPeer(): Promise<void> {
    if (this.#isPeerStarted) return;
    this.#isPeerStarted = true;
    this.#peer = (await this.#needs.startPeer?.()) ?? null;
    if (this.#stopBeat) this.#beat();
  }

  /** A sign of life that is lost is followed by the next; before the first description there is nobody to hear it. */
  async #tell(state: 'on' | 'away'): Promise<void> {
    try {
      this.#viewers = await this.#needs.client.tellPresence({ state, peer: this.#peer });
    } catch (error) {
      if (!(error instanceof PublishFailure)) throw error;
    }
  }
}
