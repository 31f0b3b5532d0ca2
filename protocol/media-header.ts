/**
 * Which media header (ftyp and moov) a chunk needs. Most streams have one for ever; a live encoder that is set up anew
 * has another from then on, and a discontinuity stands where it begins (SPEC D-5).
 */
import type { StreamDescription } from './description.ts';
import { MAX_EARLIER_INITS } from './limits.ts';

type Headers = Pick<StreamDescription, 'init' | 'initFrom' | 'earlierInits'>;

export interface MediaHeader {
  /** Discontinuity sequence with which it begins. */
  readonly from: number;
  /** Base64. */
  readonly init: string;
}

/** The header of chunks with that discontinuity sequence; of what is older than everything known, the oldest known. */
export function headerOf({ init, initFrom = 0, earlierInits = [] }: Headers, discontinuity: number): MediaHeader {
  const newest = { from: initFrom, init };
  if (discontinuity >= initFrom) return newest;
  return earlierInits.findLast(({ from }) => from <= discontinuity) ?? earlierInits[0] ?? newest;
}

/** Whether the description may lack a header: it is as old as `initFrom`, and the chunk is newer. */
export const mayLackHeader = ({ initFrom }: Headers, discontinuity: number): boolean => initFrom !== undefined && discontinuity > initFrom;

const NAME = /^init(?:-([1-9]\d{0,9}))?\.mp4$/;

/** A name of its own for each: players keep headers by their names. */
export const headerName = (from: number): string => (from === 0 ? 'init.mp4' : `init-${from}.mp4`);

/** The other way round; undefined for what is no such name. */
export function headerFromOf(name: string): number | undefined {
  const match = NAME.exec(name);
  return match === null ? undefined : Number(match[1] ?? 0);
}

/**
 * The headers of a stream whose source is connected anew: those of `before` go on to be known.
 * @param before the stream as it was last described; undefined for a new channel
 * @param init of the new connection, base64. @param discontinuity sequence of the connection's chunks
 */
export function continueHeaders(before: Headers | undefined, init: string, discontinuity: number): Required<Headers> {
  const { initFrom = 0, earlierInits = [] } = before ?? {};
  if (before === undefined || before.init === init || discontinuity <= initFrom) {
    return { init, initFrom: before === undefined ? discontinuity : initFrom, earlierInits };
  }
  return { init, initFrom: discontinuity, earlierInits: [...earlierInits, { from: initFrom, init: before.init }].slice(-MAX_EARLIER_INITS) };
}
