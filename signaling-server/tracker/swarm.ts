/** The members of one channel: who is in, where they are, and a fair sample of them in constant time per head. */
import type { PeerId } from '#protocol/ids';
import type { Position } from '#protocol/tracker-events';

export interface Member {
  readonly peer: PeerId;
  readonly position: Position;
}

/** Uniform in [0, 1). */
export interface Chance {
  next(): number;
}

export class Swarm {
  readonly #members: Member[] = [];
  readonly #places = new Map<PeerId, number>();

  get size(): number {
    return this.#members.length;
  }

  has(peer: PeerId): boolean {
    return this.#places.has(peer);
  }

  get(peer: PeerId): Member | undefined {
    const place = this.#places.get(peer);
    return place === undefined ? undefined : this.#members[place];
  }

  /** Adds a member, or moves one that is already in. */
  put(peer: PeerId, position: Position): void {
    const place = this.#places.get(peer);
    if (place === undefined) {
      this.#places.set(peer, this.#members.length);
      this.#members.push({ peer, position });
    } else this.#members[place] = { peer, position };
  }

  remove(peer: PeerId): void {
    const place = this.#places.get(peer);
    if (place === undefined) return;
    this.#places.delete(peer);
    const last = this.#members.pop()!;
    if (last.peer === peer) return;
    this.#members[place] = last;
    this.#places.set(last.peer, place);
  }

  /** `count` members, each as likely as any other, all of them if there are no more; in no order to be relied on. */
  sample(count: number, random: Chance): Member[] {
    if (this.#members.length <= count) return [...this.#members];
    // Floyd's algorithm: `count` draws however large the swarm (Bentley and Floyd, CACM 30(9), 1987).
    const chosen = new Set<number>();
    for (let upper = this.#members.length - count; upper < this.#members.length; upper++) {
      const place = Math.floor(random.next() * (upper + 1));
      chosen.add(chosen.has(place) ? upper : place);
    }
    return [...chosen].map((place) => this.#members[place]!);
  }
}
