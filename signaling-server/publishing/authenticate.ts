/**
 * Whether a request comes from whoever holds the channel's key (SPEC U-2, U-3). What can be refused by its headers is
 * refused before its body is read; the signature covers the body and is checked after.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { base64ToBytes } from '#protocol/base64';
import { channelIdInput } from '#protocol/description';
import { ID_BYTES, idToText, type ChannelId } from '#protocol/ids';
import { MAX_CLOCK_SKEW_MS, PUBLISH_HEADERS, publishSigningBytes, SERVER_TIME_HEADER } from '#protocol/publishing';
import { PublishError } from './publish-error.ts';

/** DER around a raw Ed25519 public key (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;
const TIME = /^\d{1,16}$/;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Ed25519 by raw key; a key that is no point on the curve is false like a wrong signature. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }), signature);
  } catch {
    return false; // OpenSSL throws on a key that is none.
  }
}

export interface Claim {
  readonly publicKey: Uint8Array;
  readonly timeMs: number;
  readonly signature: Uint8Array;
}

/** What the headers claim. @throws PublishError when no body could make it true. */
export function readClaim(headers: IncomingHttpHeaders, channel: ChannelId, nowMs: number): Claim {
  const [key, time, signature] = [PUBLISH_HEADERS.key, PUBLISH_HEADERS.time, PUBLISH_HEADERS.signature].map((name) => String(headers[name] ?? ''));
  if (!KEY.test(key!) || !TIME.test(time!) || !SIGNATURE.test(signature!)) throw new PublishError(401, 'Requests that publish are signed with the key of the channel; this one is not.');
  const publicKey = base64ToBytes(key!);
  if (idToText(sha256(channelIdInput(publicKey)).subarray(0, ID_BYTES)) !== channel) {
    throw new PublishError(403, 'This is another channel\'s key: a channel can be changed with its own key alone.');
  }
  const timeMs = Number(time);
  if (Math.abs(timeMs - nowMs) > MAX_CLOCK_SKEW_MS) {
    throw new PublishError(401, 'The clock of the host and that of the server are more than a minute apart.', { [SERVER_TIME_HEADER]: String(Math.round(nowMs)) });
  }
  return { publicKey, timeMs, signature: base64ToBytes(signature!) };
}

/** Looking through all of them at each request would cost more than remembering them a little longer. */
const SWEEP_MS = 1_000;

/** Accepts each signature once. Remembers them as long as their time would still be accepted. */
export class SignatureCheck {
  /** By signature, the moment after which its time is refused anyway; oldest arrivals first. */
  readonly #seen = new Map<string, number>();
  #sweepAtMs = 0;

  /** @throws PublishError when the signature is not the key's over this request, or was used before. */
  require(claim: Claim, request: { readonly method: string; readonly path: string; readonly body: Uint8Array }, nowMs: number): void {
    const { method, path, body } = request;
    const message = publishSigningBytes({ method, path, timeMs: claim.timeMs, bodyHash: sha256(body).toString('hex') });
    if (!verifyEd25519(claim.publicKey, message, claim.signature)) throw new PublishError(401, 'The signature of this request does not fit it.');
    this.#forgetOld(nowMs);
    const name = Buffer.from(claim.signature).toString('base64');
    if (this.#seen.has(name)) throw new PublishError(401, 'This request was made before; each signature counts once.');
    this.#seen.set(name, claim.timeMs + MAX_CLOCK_SKEW_MS);
  }

  /** Signatures remembered. */
  get size(): number {
    return this.#seen.size;
  }

  #forgetOld(nowMs: number): void {
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + SWEEP_MS;
    for (const [name, untilMs] of this.#seen) if (untilMs < nowMs) this.#seen.delete(name);
  }
}
