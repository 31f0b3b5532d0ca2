/**
 * SHA-256 and Ed25519 by WebCrypto where the page has it, by @noble where it has not: plain-HTTP pages other than
 * localhost have no WebCrypto, and older browsers no Ed25519. The curve is loaded only when it is needed.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hasher } from '#engine/ports';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '#protocol/limits';
import { LEAF_PREFIX, leafInput } from '#protocol/merkle';
import { importAgain } from './import-again.ts';

type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
type Bytes = Uint8Array<ArrayBuffer>;
type Subtle = Pick<SubtleCrypto, 'digest' | 'importKey' | 'verify'>;

const LEAF_PREFIX_BYTES = Uint8Array.of(LEAF_PREFIX);

export class WebHasher implements Hasher {
  readonly #subtle: Subtle | null;
  #verify: Verify | undefined;
  #lastKey: { readonly bytes: string; readonly key: Promise<CryptoKey> } | undefined;

  /** @param subtle handed in by tests; null is a page without WebCrypto */
  constructor(subtle: Subtle | null = (globalThis.crypto as Partial<Crypto>).subtle ?? null) {
    this.#subtle = subtle;
  }

  digest(bytes: Uint8Array): Uint8Array {
    return sha256(bytes);
  }

  hashPiece(piece: Uint8Array, done: (digest: Uint8Array) => void): void {
    if (this.#subtle === null) {
      done(sha256.create().update(LEAF_PREFIX_BYTES).update(piece).digest());
      return;
    }
    void this.#subtle.digest('SHA-256', leafInput(piece) as Bytes).then((digest) => done(new Uint8Array(digest)));
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, done: (isValid: boolean) => void): void {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) {
      done(false);
      return;
    }
    void this.#check(publicKey, message, signature).then(done);
  }

  async #check(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const subtle = this.#subtle;
    this.#verify ??= subtle === null ? verifyByNoble : (...input) => this.#verifyByWebCrypto(subtle, ...input);
    try {
      return await this.#verify(publicKey, message, signature);
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'NotSupportedError') return false; // A key that is no point, say.
      this.#verify = verifyByNoble;
      return this.#check(publicKey, message, signature);
    }
  }

  async #verifyByWebCrypto(subtle: Subtle, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    // One channel, one key: importing it once saves half the work of every record.
    const bytes = publicKey.join();
    if (this.#lastKey?.bytes !== bytes) {
      this.#lastKey = { bytes, key: subtle.importKey('raw', publicKey as Bytes, 'Ed25519', false, ['verify']) };
    }
    return subtle.verify('Ed25519', await this.#lastKey.key, signature as Bytes, message as Bytes);
  }
}

async function verifyByNoble(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { ed25519 } = await importAgain(() => import('@noble/curves/ed25519.js'));
  // Strict as in RFC 8032 and WebCrypto, so that every peer judges a signature alike.
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}
