import { openDescription } from '#engine/channel-key';
import { chunkIndex } from '#protocol/ids';
import { DIGEST_BYTES, PIECE_BYTES } from '#protocol/limits';
import { merkleRoot } from '#protocol/merkle';
import { pieceLength, recordSigningBytes } from '#protocol/record';
import { SeededRandom } from '#protocol/seeded-random';
import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';
import { simHasher, simLeafHash, simSigner } from './sim-hasher.ts';
import { SimStore } from './sim-store.ts';
import { MAIN_STREAM, SyntheticChannel } from './synthetic-channel.ts';
import { realCrypto } from './testing/real-crypto.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const OPTIONS = { kind: 'vod', chunkSeconds: 2, bitsPerSecond: 1.1e6, variation: 0.2, chunks: 30, firstOnAirMs: 0 } as const;
const channelOf = (crypto = { hasher: simHasher, signer: simSigner('a channel') }): SyntheticChannel =>
  new SyntheticChannel(OPTIONS, crypto.signer, crypto.hasher, new SeededRandom('channel'));

describe('simulated hash', () => {
  it('is the same for the same bytes, wherever they lie in memory', () => {
    const bytes = channelOf().bytes(chunkIndex(3)).slice(0, PIECE_BYTES);
    const shifted = new Uint8Array(PIECE_BYTES + 3).subarray(3);
    shifted.set(bytes);
    expect(text(simLeafHash(shifted))).toBe(text(simLeafHash(bytes)));
  });

  it('tells all pieces of a channel apart, and each from its lie and from its shorter self', () => {
    const channel = channelOf();
    const seen = new Set<string>();
    let pieces = 0;
    for (let index = 0; index < OPTIONS.chunks; index++) {
      const bytes = channel.bytes(chunkIndex(index));
      for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
        const piece = bytes.subarray(start, start + PIECE_BYTES);
        for (const one of [piece, piece.map((byte) => byte ^ 0xff), piece.subarray(0, piece.length - 1)]) seen.add(text(simLeafHash(one)));
        pieces += 3;
      }
    }
    expect(seen.size).toBe(pieces);
  });

  it('accepts a signature of that key over that message and nothing else', () => {
    const signer = simSigner('key');
    const message = new TextEncoder().encode('a message');
    const signature = signer.sign(message);
    const answers: boolean[] = [];
    const done = (isValid: boolean): number => answers.push(isValid);
    simHasher.verify(signer.publicKey, message, signature, done);
    simHasher.verify(simSigner('other').publicKey, message, signature, done);
    simHasher.verify(signer.publicKey, message.subarray(1), signature, done);
    simHasher.verify(signer.publicKey, message, signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte)), done);
    expect(answers).toEqual([true, false, false, false]);
  });
});

describe.each([
  ['the simulated crypto', { hasher: simHasher, signer: simSigner('a channel') }],
  ['SHA-256 and Ed25519', realCrypto('a channel')],
])('a synthetic channel with %s', (_name, crypto) => {
  it('has records whose roots and signatures hold', () => {
    const channel = channelOf(crypto);
    const { signed, hashes } = channel.entry(chunkIndex(5));
    const bytes = channel.bytes(chunkIndex(5));
    expect(signed.record.bytes).toBe(bytes.length);
    expect(text(merkleRoot(hashes, (input) => crypto.hasher.digest(input)))).toBe(text(signed.record.root));
    const leaf: Uint8Array[] = [];
    crypto.hasher.hashPiece(bytes.subarray(PIECE_BYTES, PIECE_BYTES + pieceLength(bytes.length, 1)), (digest) => leaf.push(digest));
    expect(text(leaf[0]!)).toBe(text(hashes.subarray(DIGEST_BYTES, 2 * DIGEST_BYTES)));
    const answers: boolean[] = [];
    crypto.hasher.verify(crypto.signer.publicKey, recordSigningBytes(channel.id, signed.record), signed.signature, (isValid) => answers.push(isValid));
    expect(answers).toEqual([true]);
  });

  it('has an id that its key gives, as a viewer checks it', () => {
    const channel = channelOf(crypto);
    const refused: unknown[] = [];
    openDescription(channel.id, { channel: channel.id, description: '{}', signature: Buffer.alloc(64).toString('base64') }, crypto.hasher, { onDone: (opened) => refused.push(opened) });
    expect(refused).toEqual([{ ok: false, reason: 'malformed' }]);
  });
});

describe('simulated store', () => {
  it('notices wrong bytes and hands out the channel\'s own', () => {
    const channel = channelOf();
    const wrong: number[] = [];
    const store = new SimStore(channel, new BufferPool(1024), (chunk) => wrong.push(chunk));
    const right = channel.bytes(chunkIndex(1)).slice();
    store.put(MAIN_STREAM, chunkIndex(1), right);
    expect(wrong).toEqual([]);
    expect(store.get(MAIN_STREAM, chunkIndex(1))).toBe(channel.bytes(chunkIndex(1)));
    right[right.length - 1]! ^= 1;
    store.put(MAIN_STREAM, chunkIndex(1), right);
    expect(wrong).toEqual([1]);
    store.delete(MAIN_STREAM, chunkIndex(1));
    expect(store.count).toBe(0);
  });
});
