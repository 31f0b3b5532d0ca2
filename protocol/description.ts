/**
 * What a channel says of itself: title, kind, streams and their media headers, signed by the channel key as the exact
 * text that was sent, so that no two readers can disagree on what was signed (SPEC D-1). The first thing a viewer
 * needs, and the only thing besides records that it must believe.
 */
// zod's small build: a watch page makes and runs these schemas before its first frame, where methods on every schema cost most.
import * as z from 'zod/mini';
import { isIdText, type ChannelId } from './ids.ts';
import { MAX_DESCRIPTION_CHARS, MAX_INIT_BYTES, MAX_LOG_CHUNKS, MAX_STREAMS, MAX_TITLE_CHARS, PIECE_BYTES } from './limits.ts';
import { utf8 } from './utf8.ts';

const base64 = z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/));
/** 32 and 64 bytes in base64: the length alone would let 33 and 66 bytes pass. */
const publicKeyText = z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/));
const signatureText = z.string().check(z.regex(/^[A-Za-z0-9+/]{86}==$/));

const streamSchema = z.strictObject({
  id: z.int().check(z.gte(0), z.lte(255)),
  /** `muxed`: video and audio in one; `video`, `audio`, `subtitles`: a rendition of its own. */
  kind: z.enum(['muxed', 'video', 'audio', 'subtitles']),
  /** RFC 6381, as in EXT-X-STREAM-INF's CODECS. */
  codecs: z.string().check(z.maxLength(100)),
  /** Peak and average bits a second. */
  bandwidth: z.int().check(z.gte(1), z.lte(1_000_000_000)),
  averageBandwidth: z.int().check(z.gte(1), z.lte(1_000_000_000)),
  width: z.int().check(z.gte(0), z.lte(16_384)),
  height: z.int().check(z.gte(0), z.lte(16_384)),
  frameRate: z.number().check(z.gte(0), z.lte(1_000)),
  /** BCP 47 tag, or empty. */
  language: z.string().check(z.maxLength(35)),
  name: z.string().check(z.maxLength(100)),
  /** fMP4 initialisation section in base64; empty where chunks need none (MPEG-TS, WebVTT). */
  init: base64.check(z.maxLength(Math.ceil(MAX_INIT_BYTES / 3) * 4)),
  /** Ending of chunk URLs, which tells players the container. */
  extension: z.enum(['m4s', 'ts', 'aac', 'vtt']),
  /** Whether a chunk is several movie fragments, so that a player can show its beginning before its end is there. */
  isProgressive: z.optional(z.boolean()),
  /** Longest chunk, whole seconds rounded up (EXT-X-TARGETDURATION). */
  targetDurationSeconds: z.int().check(z.gte(1), z.lte(60)),
  /** VoD: duration of every chunk in microseconds, in order. Live: empty. */
  durationsUs: z.array(z.int().check(z.gte(1), z.lte(0xffff_ffff))).check(z.maxLength(MAX_LOG_CHUNKS)),
});

const descriptionFields = z.strictObject({
  version: z.literal(1),
  /** Ed25519 public key, base64; its hash is the channel id. */
  publicKey: publicKeyText,
  title: z.string().check(z.minLength(1), z.maxLength(MAX_TITLE_CHARS)),
  kind: z.enum(['vod', 'live']),
  pieceBytes: z.literal(PIECE_BYTES),
  /** Live: chunks behind the head that stay available, in the playlist and at the seeder. VoD: 0. */
  windowChunks: z.int().check(z.gte(0), z.lte(10_000)),
  streams: z.array(streamSchema).check(z.minLength(1), z.maxLength(MAX_STREAMS)),
});

/** What fields must satisfy together (SPEC D-3). */
export const descriptionSchema = descriptionFields.check(({ value: description, issues }) => {
  const fail = (message: string): void => void issues.push({ code: 'custom', message, input: description });
  const isLive = description.kind === 'live';
  const ids = new Set(description.streams.map((stream) => stream.id));
  if (ids.size !== description.streams.length) fail('two streams have one id');
  if (isLive !== description.windowChunks > 0) fail('a window is what live has and VoD has not');
  if (description.streams.some((stream) => isLive !== (stream.durationsUs.length === 0))) {
    fail('durations are what VoD has and live has not');
  }
});

export type ChannelDescription = z.infer<typeof descriptionSchema>;
export type StreamDescription = ChannelDescription['streams'][number];

export const signedDescriptionSchema = z.strictObject({
  channel: z.custom<ChannelId>((value) => typeof value === 'string' && isIdText(value)),
  /** JSON of a ChannelDescription, exactly as signed. */
  description: z.string().check(z.maxLength(MAX_DESCRIPTION_CHARS)),
  /** Ed25519 over `descriptionSigningBytes`, base64. */
  signature: signatureText,
});

/** The answer of `GET /channels/:id/description`. */
export type SignedDescription = z.infer<typeof signedDescriptionSchema>;

const DOMAIN = 'tributary description 1\n';

/** What the channel key signs: domain and the description's text in UTF-8. */
export const descriptionSigningBytes = (text: string): Uint8Array => utf8(DOMAIN + text);

/** The bytes whose SHA-256 begins with the channel id: domain and public key. */
export function channelIdInput(publicKey: Uint8Array): Uint8Array {
  const domain = utf8('tributary channel 1\n');
  const input = new Uint8Array(domain.length + publicKey.length);
  input.set(domain);
  input.set(publicKey, domain.length);
  return input;
}
