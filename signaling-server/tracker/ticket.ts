/**
 * Membership tickets: proof, signed by the tracker, that it admitted a peer to a channel until some moment. With its own
 * ticket a peer takes its id back after a broken connection; the one that goes out with an introduction only introduces,
 * so that a neighbour cannot take an id it was told about.
 *
 * 111 bytes: version, kind, channel id, peer id, expiry in seconds since 1970 (u40), signature of all before it.
 */
import { base64ToBytes, bytesToBase64 } from '#protocol/base64';
import { ID_BYTES, idToBytes, type ChannelId, type PeerId } from '#protocol/ids';
import { SIGNATURE_BYTES } from '#protocol/limits';
import { utf8 } from '#protocol/utf8';
import { equalBytes } from '#protocol/merkle';
import type { TicketKey } from './ports.ts';

const VERSION = 1;
const KINDS = { member: 1, introduction: 2 } as const;
export type TicketKind = keyof typeof KINDS;

const BODY_BYTES = 2 + 2 * ID_BYTES + 5;
const DOMAIN = utf8('tributary ticket 1\n');

export interface TicketClaim {
  readonly kind: TicketKind;
  readonly channel: ChannelId;
  readonly peer: PeerId;
  /** Milliseconds since 1970; the ticket carries whole seconds, rounded down. */
  readonly expiresMs: number;
}

function bodyOf(claim: TicketClaim): Uint8Array {
  const body = new Uint8Array(BODY_BYTES);
  body[0] = VERSION;
  body[1] = KINDS[claim.kind];
  body.set(idToBytes(claim.channel), 2);
  body.set(idToBytes(claim.peer), 2 + ID_BYTES);
  let seconds = Math.floor(claim.expiresMs / 1000);
  for (let at = BODY_BYTES - 1; at >= BODY_BYTES - 5; at--) {
    body[at] = seconds % 256;
    seconds = Math.floor(seconds / 256);
  }
  return body;
}

function signedPart(body: Uint8Array): Uint8Array {
  const message = new Uint8Array(DOMAIN.length + body.length);
  message.set(DOMAIN);
  message.set(body, DOMAIN.length);
  return message;
}

/** A ticket in base64. */
export function issueTicket(claim: TicketClaim, key: TicketKey): string {
  const body = bodyOf(claim);
  const ticket = new Uint8Array(BODY_BYTES + SIGNATURE_BYTES);
  ticket.set(body);
  ticket.set(key.sign(signedPart(body)), BODY_BYTES);
  return bytesToBase64(ticket);
}

/** Whether this is our ticket of that kind, for that peer in that channel, and not yet over. Never throws. */
export function isTicketFor(ticket: string, wanted: Omit<TicketClaim, 'expiresMs'>, nowMs: number, key: TicketKey): boolean {
  const bytes = decode(ticket);
  if (bytes?.length !== BODY_BYTES + SIGNATURE_BYTES) return false;
  const body = bytes.subarray(0, BODY_BYTES);
  const expiresMs = body.subarray(BODY_BYTES - 5).reduce((value, byte) => value * 256 + byte, 0) * 1000;
  if (expiresMs <= nowMs || !equalBytes(body, bodyOf({ ...wanted, expiresMs }))) return false;
  return key.verify(signedPart(body), bytes.subarray(BODY_BYTES));
}

function decode(text: string): Uint8Array | undefined {
  try {
    return base64ToBytes(text);
  } catch {
    return undefined; // Not base64: not a ticket of ours.
  }
}
