/**
 * In which order missing chunks and their pieces are looked at. Urgent chunks by deadline and from their beginning;
 * the others rarest first mixed with sequential (rarest alone starves the near, sequential alone the swarm), their
 * pieces from a place of this peer's own, so that neighbours fetch different pieces first and can exchange them.
 */
import type { Settings } from '../settings.ts';
import type { Policies } from './policies.ts';

export interface WantedChunk {
  readonly index: number;
  readonly slackMs: number;
  /** Neighbours that hold it whole. */
  readonly copies: number;
}

export type PieceOrder = Policies['pieceOrder'];

/** Every `SEQUENTIAL_SHARE`th place of the mixed order goes to the next chunk in sequence. */
const SEQUENTIAL_SHARE = 2;

/** The same chunks in the order in which they get what sources can give. A new array. */
export function pickPieces<C extends WantedChunk>(wanted: readonly C[], order: PieceOrder, settings: Settings): C[] {
  if (wanted.length < 2) return [...wanted];
  const byDeadline = (a: C, b: C): number => a.slackMs - b.slackMs || a.index - b.index;
  const urgent = wanted.filter((chunk) => chunk.slackMs <= settings.urgentMs).sort(byDeadline);
  const rest = wanted.filter((chunk) => chunk.slackMs > settings.urgentMs).sort(byDeadline);
  if (order === 'deadline' || order === 'sequential') return [...urgent, ...rest];
  const rarest = [...rest].sort((a, b) => a.copies - b.copies || byDeadline(a, b));
  return [...urgent, ...(order === 'rarest' ? rarest : takeTurns(rest, rarest))];
}

/** Each of the chunks once, in turns the next in sequence and the rarest left. */
function takeTurns<C>(sequence: readonly C[], rarest: readonly C[]): C[] {
  const taken = new Set<C>();
  let next = 0;
  let rare = 0;
  for (let turn = 0; taken.size < sequence.length; turn++) {
    if (turn % SEQUENTIAL_SHARE === 0) {
      while (taken.has(sequence[next]!)) next++;
      taken.add(sequence[next]!);
    } else {
      while (taken.has(rarest[rare]!)) rare++;
      taken.add(rarest[rare]!);
    }
  }
  return [...taken];
}

/** First piece this peer looks at in a chunk that is not urgent. */
export const firstPiece = (selfHash: number, pieces: number, slackMs: number, settings: Settings): number =>
  slackMs <= settings.urgentMs ? 0 : selfHash % pieces;
