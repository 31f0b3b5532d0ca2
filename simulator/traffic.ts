/**
 * What one peer sends and receives on its links, read from the messages themselves: payload apart from everything
 * else, and per parent in windows of 20 s, which is how parents and children are defined.
 */
import type { PeerId } from '#protocol/ids';
import { MESSAGES } from '#protocol/messages';
import { isParentFlow, stability, type Stability } from '#protocol/metrics';
import type { LinkWatcher, SimLink } from './sim-link.ts';

/** Bytes of a piece message that are not payload: type, stream, chunk, piece. */
const PIECE_HEADER_BYTES = 8;

export class Traffic implements LinkWatcher {
  sentPayload = 0;
  sentControl = 0;
  sentMessages = 0;
  receivedPayload = 0;
  /** Payload times the round trip it came over, bytes x ms: the cost of download is this over the payload. */
  receivedByteMs = 0;
  #fromInWindow = new Map<PeerId, number>();
  #parents: ReadonlySet<PeerId> | undefined;
  readonly #next: LinkWatcher | undefined;

  /** `next` sees everything as well. */
  constructor(next?: LinkWatcher) {
    this.#next = next;
  }

  /** Mean round trip over which payload came, ms. */
  get meanDistanceMs(): number {
    return this.receivedPayload > 0 ? this.receivedByteMs / this.receivedPayload : 0;
  }

  onSent(link: SimLink, bytes: Uint8Array): void {
    this.sentMessages++;
    if (bytes[0] === MESSAGES.piece.type) {
      this.sentPayload += bytes.length - PIECE_HEADER_BYTES;
      this.sentControl += PIECE_HEADER_BYTES;
    } else {
      this.sentControl += bytes.length;
    }
    this.#next?.onSent(link, bytes);
  }

  onReceived(link: SimLink, bytes: Uint8Array): void {
    if (bytes[0] === MESSAGES.piece.type) {
      const payload = bytes.length - PIECE_HEADER_BYTES;
      this.receivedPayload += payload;
      this.receivedByteMs += payload * link.rttMs;
      this.#fromInWindow.set(link.remote, (this.#fromInWindow.get(link.remote) ?? 0) + payload);
    }
    this.#next?.onReceived(link, bytes);
  }

  onEnd(link: SimLink): void {
    this.#next?.onEnd(link);
  }

  /** Closes a window. @returns how the parents changed, or undefined where that has no meaning. */
  closeWindow(): ParentChange | undefined {
    const before = this.#parents;
    const now = new Set([...this.#fromInWindow].filter(([, bytes]) => isParentFlow(bytes)).map(([peer]) => peer));
    this.#fromInWindow = new Map();
    this.#parents = now;
    if (!before || now.size === 0) return undefined;
    return { parents: now.size, ...stability(before, now) };
  }
}

/** Parents in this window, and how they changed. */
export interface ParentChange extends Stability {
  readonly parents: number;
}
