/**
 * A channel's key in a page: made here, kept by the browser (hosting-memory.ts), never shown to anybody. Where WebCrypto
 * knows Ed25519 the page itself cannot read the private key; elsewhere it is a seed, and @noble signs.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBase64 } from '#protocol/base64';
import { channelIdInput, descriptionSigningBytes, isDescription, type ChannelDescription, type SignedDescription } from '#protocol/description';
import { ID_BYTES, idToText, parseChannelId, type ChannelId } from '#protocol/ids';
import { recordSigningBytes, type ChunkRecord, type SignedRecord } from '#protocol/record';

/** A key as IndexedDB keeps it. */
export type KeptKey =
  | { readonly kind: 'webcrypto'; readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }
  | { readonly kind: 'seed'; readonly publicKey: Uint8Array; readonly seed: Uint8Array };

type Bytes = Uint8Array<ArrayBuffer>;
const SEED_BYTES = 32;

/** A new key pair, by the best means this page has. `subtle` null is a page without WebCrypto. */
export async function createKey(subtle: SubtleCrypto | null = (globalThis.crypto as Partial<Crypto>).subtle ?? null): Promise<KeptKey> {
  try {
    if (subtle) {
      const pair = await subtle.generateKey('Ed25519', false, ['sign', 'verify']);
      const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
      return { kind: 'webcrypto', publicKey, privateKey: pair.privateKey };
    }
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'NotSupportedError') throw cause;
  }
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  return { kind: 'seed', publicKey: ed25519.getPublicKey(seed), seed };
}

export class ChannelSigner {
  readonly id: ChannelId;
  readonly publicKey: Uint8Array;
  readonly #key: KeptKey;

  constructor(key: KeptKey) {
    this.#key = key;
    this.publicKey = key.publicKey;
    this.id = parseChannelId(idToText(sha256(channelIdInput(key.publicKey)).subarray(0, ID_BYTES)));
  }

  /** Ed25519 (RFC 8032), 64 bytes. */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    if (this.#key.kind === 'seed') return ed25519.sign(message, this.#key.seed);
    return new Uint8Array(await crypto.subtle.sign('Ed25519', this.#key.privateKey, message as Bytes));
  }

  async signRecord(record: ChunkRecord): Promise<SignedRecord> {
    return { record, signature: await this.sign(recordSigningBytes(this.id, record)) };
  }

  /** @throws RangeError when the description is not one a viewer would accept; that would be a fault of the caller. */
  async signDescription(description: Omit<ChannelDescription, 'publicKey'>): Promise<SignedDescription> {
    const own = { ...description, publicKey: bytesToBase64(this.publicKey) };
    if (!isDescription(own)) throw new RangeError('not a description');
    const text = JSON.stringify(own);
    return { channel: this.id, description: text, signature: bytesToBase64(await this.sign(descriptionSigningBytes(text))) };
  }
}
