import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base64ToBytes } from '#protocol/base64';
import { channelIdInput, descriptionSigningBytes, type ChannelDescription } from '#protocol/description';
import { chunkIndex, idToText, streamId } from '#protocol/ids';
import { recordSigningBytes } from '#protocol/record';
import { ChannelKey, createSeed, SigningKey } from './channel-key.ts';

const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const RECORD = { stream: streamId(0), index: chunkIndex(3), startUs: 6_000_000, durationUs: 2_000_000, bytes: 1000, root: new Uint8Array(32).fill(7), mediaSequence: 3, discontinuitySequence: 0, onAirMs: 0 };
const STREAM = { id: 0, kind: 'video' as const, codecs: 'avc1.64001e', bandwidth: 10, averageBandwidth: 9, width: 2, height: 2, frameRate: 25, language: '', name: '', init: '', extension: 'm4s' as const, targetDurationSeconds: 2, durationsUs: [2_000_000] };

const spki = (raw: Uint8Array) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });

describe('a signing key', () => {
  it('is the one of RFC 8032, section 7.1, test 1', () => {
    const key = new SigningKey(SEED);
    expect(Buffer.from(key.publicKey).toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(Buffer.from(key.sign(new Uint8Array(0))).toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  it('does not verify what it did not sign, however malformed', () => {
    const key = new SigningKey(createSeed());
    const message = Buffer.from('hello');
    const signature = key.sign(message);
    expect(key.verify(message, signature)).toBe(true);
    expect(key.verify(Buffer.from('hallo'), signature)).toBe(false);
    expect(key.verify(message, signature.subarray(1))).toBe(false);
    expect(new SigningKey(createSeed()).verify(message, signature)).toBe(false);
  });

  it('refuses a seed of the wrong length', () => {
    expect(() => new SigningKey(new Uint8Array(31))).toThrow(RangeError);
  });
});

describe('a channel key', () => {
  it('has the hash of its public key for an id', () => {
    const digest = createHash('sha256').update(channelIdInput(new SigningKey(SEED).publicKey)).digest();
    expect(new ChannelKey(SEED).id).toBe(idToText(digest.subarray(0, 20)));
  });

  it('signs a record for its own channel alone', () => {
    const key = new ChannelKey(SEED);
    const { signature } = key.signRecord(RECORD);
    const publicKey = spki(new SigningKey(SEED).publicKey);
    expect(verify(null, recordSigningBytes(key.id, RECORD), publicKey, signature)).toBe(true);
    expect(verify(null, recordSigningBytes(new ChannelKey(createSeed()).id, RECORD), publicKey, signature)).toBe(false);
    expect(verify(null, recordSigningBytes(key.id, { ...RECORD, index: chunkIndex(4) }), publicKey, signature)).toBe(false);
  });

  it('signs a description as the exact text that is sent', () => {
    const key = new ChannelKey(SEED);
    const signed = key.signDescription({ version: 1, title: 'Ünïcode <b>', kind: 'vod', pieceBytes: 16_384, windowChunks: 0, streams: [STREAM] });
    const description = JSON.parse(signed.description) as ChannelDescription;
    expect(verify(null, descriptionSigningBytes(signed.description), spki(base64ToBytes(description.publicKey)), base64ToBytes(signed.signature))).toBe(true);
    expect(description.title).toBe('Ünïcode <b>');
  });
});
