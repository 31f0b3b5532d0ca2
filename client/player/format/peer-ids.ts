/** Peer ids as people can compare them at a glance. */
import type { PeerId } from '#protocol/ids';

/** The first six of 32 characters: enough to tell the neighbours of one viewer apart. */
export const shortPeerId = (peer: PeerId): string => peer.slice(0, 6);
