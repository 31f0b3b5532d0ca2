/** A channel on the air, as the command line holds it. */
import type { ChannelFigures } from '#server/server';

export interface Hosted {
  figures(): ChannelFigures;
  /** Ends it in good order. Idempotent. */
  close(): Promise<void>;
}
