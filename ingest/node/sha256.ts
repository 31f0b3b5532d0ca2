/** SHA-256 of this machine's OpenSSL, and chunks hashed with it. */
import { hash } from 'node:crypto';
import { digestChunk as digestWith, type ChunkDigest } from '../digest-chunk.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

/** @throws RangeError on an empty chunk. */
export const digestChunk = (bytes: Uint8Array): ChunkDigest => digestWith(bytes, sha256);
