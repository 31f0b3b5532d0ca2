/**
 * The wire as bytes, committed (golden/*.json). The bytes of messages, records and signing inputs were recomputed from
 * the layouts in SPEC.md, and the Merkle roots by the recursive definition of RFC 9162, by a program in another language
 * that shares no code with this one. A difference here is a change of the wire: it needs a new protocol version.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { channelIdInput, descriptionSigningBytes } from './description.ts';
import { ID_BYTES, idToText, type ChannelId } from './ids.ts';
import { leafInput, merkleRoot } from './merkle.ts';
import { decode, encode, MESSAGES, type Message } from './messages.ts';
import { recordSigningBytes, type ChunkRecord } from './record.ts';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), 'utf8'), revive);
const bytesOfHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** `{ "hex": … }` stands for bytes. */
function revive(_key: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'hex' in value ? bytesOfHex(String(value.hex)) : value;
}

/** Ed25519 by Node's own OpenSSL, so that signature and check do not come from the same hand. */
function isSigned(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]); // RFC 8410, section 4.
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}

const messages = read('messages.json') as readonly { readonly message: Message; readonly bytes: string }[];
const signing = read('signing.json') as Readonly<Record<string, string>> & { readonly channel: ChannelId; readonly record: ChunkRecord };
const merkle = read('merkle.json') as { readonly roots: readonly { readonly leaves: number; readonly root: string }[] };

describe('golden messages', () => {
  it('are one of each, in the order of the table', () => {
    expect(messages.map(({ message }) => message.name)).toEqual(Object.keys(MESSAGES));
  });

  it.each(messages)('W-3: $message.name has the bytes it always had', ({ message, bytes }) => {
    expect(hexOf(encode(message))).toBe(bytes);
    expect(decode(bytesOfHex(bytes))).toEqual(message);
  });
});

describe('golden signatures', () => {
  const hex = (name: string): Uint8Array => bytesOfHex(signing[name]!);

  it('W-6: a channel id is the head of the hash of domain and public key', () => {
    expect(hexOf(ed25519.getPublicKey(hex('secretKey')))).toBe(signing['publicKey']);
    expect(hexOf(channelIdInput(hex('publicKey')))).toBe(signing['channelIdInput']);
    expect(idToText(sha256(hex('channelIdInput')).subarray(0, ID_BYTES))).toBe(signing.channel);
  });

  it('R-2: a record is signed with domain and channel id', () => {
    const bytes = recordSigningBytes(signing.channel, signing.record);
    expect(hexOf(bytes)).toBe(signing['recordSigningBytes']);
    expect(hexOf(ed25519.sign(bytes, hex('secretKey')))).toBe(signing['recordSignature']);
    expect(isSigned(hex('publicKey'), bytes, hex('recordSignature'))).toBe(true);
  });

  it('D-1: a description is signed as its exact text', () => {
    const bytes = descriptionSigningBytes(signing['description']!);
    expect(hexOf(bytes)).toBe(signing['descriptionSigningBytes']);
    const signature = new Uint8Array(Buffer.from(signing['descriptionSignature']!, 'base64'));
    expect(isSigned(hex('publicKey'), bytes, signature)).toBe(true);
    expect(isSigned(hex('publicKey'), descriptionSigningBytes(`${signing['description']!} `), signature)).toBe(false);
  });
});

describe('golden Merkle roots', () => {
  it.each(merkle.roots)('R-8: over $leaves leaves', ({ leaves, root }) => {
    const pieces = Array.from({ length: leaves }, (_, i) => new Uint8Array(i + 1).fill(i));
    const hashes = Buffer.concat(pieces.map((piece) => sha256(leafInput(piece))));
    const before = hexOf(hashes);
    expect(hexOf(merkleRoot(hashes, sha256))).toBe(root);
    // Also of a Node Buffer: its slice is a view, and the hashes would have been overwritten.
    expect(hexOf(hashes)).toBe(before);
  });
});
