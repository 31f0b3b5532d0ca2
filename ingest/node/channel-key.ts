/**
 * A channel's Ed25519 key pair (RFC 8032) and what is signed with it. The hash of the public key is the channel's id, so
 * whoever knows a link can check every chunk; whoever holds the private key is the channel.
 */
import { createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { bytesToBase64 } from '#protocol/base64';
import { channelIdInput, descriptionSigningBytes, isDescription, type ChannelDescription, type SignedDescription } from '#protocol/description';
import { ID_BYTES, idToText, parseChannelId, type ChannelId } from '#protocol/ids';
import { recordSigningBytes, type ChunkRecord, type SignedRecord } from '#protocol/record';
import { sha256 } from './sha256.ts';

/** Bytes of a private key as it is stored: the seed of RFC 8032, section 5.1.5. */
export const SEED_BYTES = 32;

/** DER around a raw Ed25519 seed and a raw public key (RFC 8410, section 7 and 4). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const createSeed = (): Uint8Array => randomBytes(SEED_BYTES);

/** @throws RangeError when the seed is not 32 bytes. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_BYTES) throw new RangeError('not a key seed');
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** An Ed25519 key from its seed. */
export class SigningKey {
  readonly publicKey: Uint8Array;
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  /** @throws RangeError when the seed is not 32 bytes. */
  constructor(seed: Uint8Array) {
    this.#private = privateKeyOf(seed);
    this.#public = createPublicKey(this.#private);
    this.publicKey = this.#public.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
  }

  sign(message: Uint8Array): Uint8Array {
    return sign(null, message, this.#private);
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === 64 && verify(null, message, this.#public, signature);
  }
}

export class ChannelKey {
  readonly id: ChannelId;
  readonly #key: SigningKey;

  constructor(seed: Uint8Array) {
    this.#key = new SigningKey(seed);
    this.id = parseChannelId(idToText(sha256(channelIdInput(this.#key.publicKey)).subarray(0, ID_BYTES)));
  }

  signRecord(record: ChunkRecord): SignedRecord {
    return { record, signature: this.#key.sign(recordSigningBytes(this.id, record)) };
  }

  /** @throws RangeError when the description is not one a viewer would accept; that would be a fault of the caller. */
  signDescription(description: Omit<ChannelDescription, 'publicKey'>): SignedDescription {
    const text = JSON.stringify({ ...description, publicKey: bytesToBase64(this.#key.publicKey) });
    if (!isDescription(JSON.parse(text))) throw new RangeError('not a description');
    return { channel: this.id, description: text, signature: bytesToBase64(this.#key.sign(descriptionSigningBytes(text))) };
  }
}
