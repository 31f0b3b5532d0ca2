/**
 * What the tracker and the parts around it need of the world. Time, chance and keys are handed in by the composition
 * root, by a test or by the simulator; nothing on this floor reaches for them itself.
 */

/** Ends what it was returned for: idempotent, and nothing is called back afterwards. */
export type Cancel = () => void;

export interface WallClock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `run` once, `ms` or more from now. */
  after(ms: number, run: () => void): Cancel;
}

/** The tracker's own key: tickets are signed with it and nobody but the tracker needs to check them. */
export interface TicketKey {
  /** 64 bytes over `message` (Ed25519, RFC 8032). */
  sign(message: Uint8Array): Uint8Array;
  /** Malformed signatures are false, never an exception. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}
