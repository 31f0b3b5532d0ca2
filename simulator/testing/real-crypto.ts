/**
 * SHA-256 and Ed25519 behind the same ports, for runs that are about them: everything else must come out the same.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Hasher } from '#engine/ports';
import { PUBLIC_KEY_BYTES } from '#protocol/limits';
import { leafInput } from '#protocol/merkle';
import type { Signer } from '../sim-hasher.ts';

/** DER of an Ed25519 key up to the 32 bytes themselves (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
}

const hasher: Hasher = {
  digest: sha256,
  hashPiece: (piece, done) => done(sha256(leafInput(piece))),
  verify: (publicKey, message, signature, done) => {
    done(publicKey.length === PUBLIC_KEY_BYTES && verify(null, message, publicKeyOf(publicKey), signature));
  },
};

/** Equal seeds give equal keys. */
export function realCrypto(seed: string): { readonly hasher: Hasher; readonly signer: Signer } {
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, sha256(Buffer.from(seed))]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length));
  return { hasher, signer: { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) } };
}
