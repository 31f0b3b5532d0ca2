/** What is told of a host that is not the server: whether it is there, which peer is its own, and who has the chunks. */
import { isIdText, type PeerId } from './ids.ts';
import { object, oneOf, type Shape, type Shaped } from './shape.ts';

/** `server`: chunks are uploaded and served over HTTP too. `peers`: they come from the host and from viewers alone. */
export const FLOORS = ['server', 'peers'] as const;
export type Floor = (typeof FLOORS)[number];

/** `on`: the host is there. `away`: it may come back. `over`: it ended the channel in good order. */
export const HOST_STATES = ['on', 'away', 'over'] as const;
export type HostState = (typeof HOST_STATES)[number];

export interface HostPresence {
  readonly state: HostState;
  /** The host's own peer, where it has one. */
  readonly peer: PeerId | null;
}

const isPeerOrNone: Shape<PeerId | null> = (value): value is PeerId | null => value === null || (typeof value === 'string' && isIdText(value));

/** Whether a value from JSON is what a server says of a host (SPEC U-6, U-7). */
export const isHosted = object({ state: oneOf(...HOST_STATES), peer: isPeerOrNone, floor: oneOf(...FLOORS) });
export type Hosted = Readonly<Shaped<typeof isHosted>>;
