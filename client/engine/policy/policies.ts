/**
 * The choices a peer's policies leave open, by name. A name belongs to one choice only, so that the simulator can be
 * told `policy=rarest,mixed`. docs/SIMULATOR.md says which were compared and where that is written down; what lost
 * stays, where it models a system of the past or of the literature.
 */

/** What may be chosen, the default first. */
export const POLICY_NAMES = {
  /** Which missing chunk is looked at first (pick-pieces.ts). */
  pieceOrder: ['mixed', 'rarest', 'deadline', 'sequential'],
  /** Who fetches a new run from the seeder first (origin-rank.ts). */
  duty: ['share', 'ranked', 'neighbourhood', 'race'],
  /** Whether a live stream's pieces are asked for one by one or sent on as they arrive (subscriptions.ts). */
  delivery: ['push', 'pull'],
  /** Whom to have as neighbours (pick-peers.ts, far-neighbour.ts). */
  peers: ['position', 'random', 'proximity', 'capacity'],
  /** Whom to serve while slots are short (choose-unchoked.ts). */
  choke: ['need-aware', 'tit-for-tat'],
} as const;

type PolicyKind = keyof typeof POLICY_NAMES;
export type Policies = { readonly [K in PolicyKind]: (typeof POLICY_NAMES)[K][number] };

const POLICY_KINDS = Object.keys(POLICY_NAMES) as readonly PolicyKind[];

export const defaultPolicies: Policies = Object.fromEntries(POLICY_KINDS.map((kind) => [kind, POLICY_NAMES[kind][0]])) as unknown as Policies;
