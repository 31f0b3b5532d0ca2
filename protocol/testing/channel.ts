/**
 * A small channel for tests: a fixed key (the seed is bytes 0 to 31), a description and records that vary only where a
 * test says so. Signatures are real, made with the audited stand-in for WebCrypto.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBase64 } from '../base64.ts';
import { channelIdInput, descriptionSigningBytes, type ChannelDescription, type SignedDescription, type StreamDescription } from '../description.ts';
import { chunkIndex, ID_BYTES, idToText, streamId, type ChannelId } from '../ids.ts';
import { recordSigningBytes, type ChunkRecord, type SignedRecord } from '../record.ts';

export const SECRET_KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
export const PUBLIC_KEY: Uint8Array = ed25519.getPublicKey(SECRET_KEY);
export const CHANNEL = idToText(sha256(channelIdInput(PUBLIC_KEY)).subarray(0, ID_BYTES)) as ChannelId;

export function streamOf(changes: Partial<StreamDescription> = {}): StreamDescription {
  return {
    id: 0, kind: 'muxed', codecs: 'avc1.42c01e,mp4a.40.2', bandwidth: 1_200_000, averageBandwidth: 1_100_000, width: 854, height: 480,
    frameRate: 25, language: '', name: '480p', init: bytesToBase64(new Uint8Array(9)), extension: 'm4s', targetDurationSeconds: 2,
    durationsUs: [2_000_000, 2_000_000, 1_500_000], ...changes,
  };
}

export function descriptionOf(changes: Partial<ChannelDescription> = {}): ChannelDescription {
  return {
    version: 1, publicKey: bytesToBase64(PUBLIC_KEY), title: 'A channel', kind: 'vod', pieceBytes: 16_384, windowChunks: 0,
    streams: [streamOf()], ...changes,
  };
}

export function signDescription(text: string): SignedDescription {
  return { channel: CHANNEL, description: text, signature: bytesToBase64(ed25519.sign(descriptionSigningBytes(text), SECRET_KEY)) };
}

export function recordOf(changes: Partial<ChunkRecord> = {}): ChunkRecord {
  return {
    stream: streamId(0), index: chunkIndex(7), startUs: 14_000_000, durationUs: 2_000_000, bytes: 40_000, root: new Uint8Array(32).fill(0xab),
    mediaSequence: 7, discontinuitySequence: 0, onAirMs: 0, ...changes,
  };
}

export function signRecord(record: ChunkRecord): SignedRecord {
  return { record, signature: ed25519.sign(recordSigningBytes(CHANNEL, record), SECRET_KEY) };
}
