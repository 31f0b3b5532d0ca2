/** SHA-256 and Ed25519 by node:crypto, synchronously: a thread hop costs more here than the hash of a 16 KiB piece. */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { Hasher } from '#engine/ports';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '#protocol/limits';
import { LEAF_PREFIX } from '#protocol/merkle';

/** An Ed25519 public key in DER (RFC 8410, section 4) is these 12 bytes and the key. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const LEAF_PREFIX_BYTES = Uint8Array.of(LEAF_PREFIX);

export class NodeHasher implements Hasher {
  #lastKey: { readonly bytes: Uint8Array; readonly key: KeyObject } | undefined;

  digest(bytes: Uint8Array): Uint8Array {
    return plain(createHash('sha256').update(bytes).digest());
  }

  hashPiece(piece: Uint8Array, done: (digest: Uint8Array) => void): void {
    done(plain(createHash('sha256').update(LEAF_PREFIX_BYTES).update(piece).digest()));
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, done: (isValid: boolean) => void): void {
    done(this.#isValid(publicKey, message, signature));
  }

  #isValid(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    try {
      return verify(null, message, this.#keyOf(publicKey), signature);
    } catch {
      return false; // Bytes that are no point of the curve.
    }
  }

  /** One channel, one key: reading it once saves a third of the work of every record. */
  #keyOf(publicKey: Uint8Array): KeyObject {
    if (this.#lastKey === undefined || Buffer.compare(this.#lastKey.bytes, publicKey) !== 0) {
      const key = createPublicKey({ key: Buffer.concat([DER_PREFIX, publicKey]), format: 'der', type: 'spki' });
      this.#lastKey = { bytes: publicKey.slice(), key };
    }
    return this.#lastKey.key;
  }
}

/** A Buffer's bytes as a plain Uint8Array: engine and wire know no Buffers. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
