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
  const byDeadline = (a: C, b: C): number => a.slackMs - b.slackMs || a.index - b.index;
  const urgent = wanted.filter((chunk) => chunk.slackMs <= settings.urgentMs).sort(byDeadline);
  const rest = wanted.filter((chunk) => chunk.slackMs > settings.urgentMs).sort(byDeadline);
  if (order === 'deadline' || order === 'sequential') return [...urgent, ...rest];
  const rarest = [...rest].sort((a, b) => a.copies - b.copies || byDeadline(a, b));
  if (order === 'rarest') return [...urgent, ...rarest];
  const mixed: C[] = [];
  const taken = new Set<C>();
  for (let turn = 0; mixed.length < rest.length; turn++) {
    const source = turn % SEQUENTIAL_SHARE === 0 ? rest : rarest;
    const next = source.find((chunk) => !taken.has(chunk));
    if (!next) continue;
    taken.add(next);
    mixed.push(next);
  }
  return [...urgent, ...mixed];
}

/** First piece this peer looks at in a chunk that is not urgent. */
export const firstPiece = (selfHash: number, pieces: number, slackMs: number, settings: Settings): number =>
  slackMs <= settings.urgentMs ? 0 : selfHash % pieces;
