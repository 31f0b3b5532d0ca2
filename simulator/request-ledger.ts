/**
 * Keeps the books of requests on every link: who was asked for which piece and has not answered with it, a reject or a
 * choke, nor been told to forget it. An entry that grows old is a request unanswered for ever. Only for small swarms:
 * it remembers every open request.
 */
import type { ChunkIndex } from '#protocol/ids';
import { decode, MESSAGES, type MessageBody } from '#protocol/messages';
import type { LinkWatcher, SimLink } from './sim-link.ts';

type Run = Pick<MessageBody<'cancel'>, 'chunk' | 'first' | 'count'>;

/** Key of a piece; chunks have at most 2048 pieces. */
const pieceKey = (chunk: ChunkIndex, piece: number): number => chunk * 4096 + piece;

const { request, piece, cancel, reject, choke } = MESSAGES;
const KEPT = new Set<number | undefined>([request.type, piece.type, cancel.type, reject.type, choke.type]);

export class RequestLedger implements LinkWatcher {
  readonly #nowMs: () => number;
  /** By the link end of the peer that was asked. */
  readonly #open = new Map<SimLink, Map<number, number>>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Answers count when they are sent. */
  onSent(link: SimLink, bytes: Uint8Array): void {
    const open = this.#open.get(link);
    if (!open || !KEPT.has(bytes[0])) return;
    const message = decode(bytes);
    if (message.name === 'piece') open.delete(pieceKey(message.chunk, message.piece));
    else if (message.name === 'reject') settle(open, message);
    else if (message.name === 'choke') open.clear();
  }

  /** Requests and cancels count when they have come. */
  onReceived(link: SimLink, bytes: Uint8Array): void {
    if (!KEPT.has(bytes[0])) return;
    const message = decode(bytes);
    if (message.name === 'request') {
      let open = this.#open.get(link);
      if (!open) this.#open.set(link, (open = new Map<number, number>()));
      for (let at = 0; at < message.count; at++) open.set(pieceKey(message.chunk, message.first + at), this.#nowMs());
    } else if (message.name === 'cancel') {
      const open = this.#open.get(link);
      if (open) settle(open, message);
    }
  }

  onEnd(link: SimLink): void {
    this.#open.delete(link);
  }

  /** Link ends that have owed an answer for more than `ms`, with the number of pieces. */
  overdue(ms: number): { link: SimLink; pieces: number }[] {
    const before = this.#nowMs() - ms;
    const found: { link: SimLink; pieces: number }[] = [];
    for (const [link, open] of this.#open) {
      let pieces = 0;
      for (const at of open.values()) if (at < before) pieces++;
      if (pieces > 0) found.push({ link, pieces });
    }
    return found;
  }
}

function settle(open: Map<number, number>, { chunk, first, count }: Run): void {
  for (let at = 0; at < count; at++) open.delete(pieceKey(chunk, first + at));
}
