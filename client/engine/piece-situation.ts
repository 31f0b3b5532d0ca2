/**
 * One piece as `pickSource` sees it: the same object for piece after piece of a pass. What takes counting (places in
 * line) is counted when the policy asks for it, which for most pieces it does not.
 */
import type { DutyLineOfPeer } from './duty-line.ts';
import type { PieceSituation } from './policy/pick-source.ts';

export class Situation implements PieceSituation {
  slackMs = 0;
  aheadMs = 0;
  peerMs: number | null = null;
  originMs = 0;
  isIntroducing = false;
  urgentMs = 0;
  isAlone = false;
  isShared = false;
  hasFailed = false;
  /** Neighbours could not bring all of it: this piece is of the share that is fetched in any case (shortage.ts). */
  isShort = false;
  /** Holders that would bring it in time. */
  held = 0;
  /** Since when somebody holds some of the chunk, ms. */
  inLineMs = 0;
  readonly #line: DutyLineOfPeer;
  readonly #lineDelayMs: number;

  constructor(line: DutyLineOfPeer, lineDelayMs: number) {
    this.#line = line;
    this.#lineDelayMs = lineDelayMs;
  }

  get isHeldByNeighbour(): boolean {
    return this.held > 0;
  }

  get lineMs(): number {
    return this.held > 0 ? Math.floor(this.#line.place / this.held) * this.#lineDelayMs - this.inLineMs : 0;
  }

  get turnMs(): number {
    return this.isShort ? 0 : this.#line.turnMs;
  }
}
