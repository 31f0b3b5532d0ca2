/**
 * What a channel says of itself: title, kind, streams and their media headers, signed by the channel key as the exact
 * text that was sent, so that no two readers can disagree on what was signed (SPEC D-1). The first thing a viewer
 * needs, and the only thing besides records that it must believe.
 */
import { isIdText, type ChannelId } from './ids.ts';
import { MAX_DESCRIPTION_CHARS, MAX_EARLIER_INITS, MAX_INIT_BYTES, MAX_KEY_CHARS, MAX_LOG_CHUNKS, MAX_STREAM_KEYS, MAX_STREAMS, MAX_TITLE_CHARS, PIECE_BYTES } from './limits.ts';
import { isPicture, isThumbnails } from './pictures.ts';
import { isBoolean, list, number, object, objectWith, oneOf, text, whole, type Shape, type Shaped } from './shape.ts';
import { utf8 } from './utf8.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** 32 and 64 bytes in base64: the length alone would let 33 and 66 bytes pass. */
const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** An EXT-X-KEY tag (RFC 8216, section 4.3.2.4) of a channel whose chunks its publisher encrypted; passed on untouched. */
const isKey = objectWith(
  {
    /** Index of the first chunk that it is for; several may be for one chunk (one for each DRM system). */
    from: whole(0, 0xffff_ffff),
    /** The tag's attribute list. */
    attributes: text(MAX_KEY_CHARS, /^METHOD=[^\r\n]*$/),
  },
  {
    /** Whether the media header is encrypted too: the tag then stands before EXT-X-MAP. */
    isForInit: isBoolean,
  },
);

const isInit = text(Math.ceil(MAX_INIT_BYTES / 3) * 4, BASE64);
const isDiscontinuity = whole(0, 0xffff_ffff);

const isStream = objectWith(
  {
    id: whole(0, 255),
    /** `muxed`: video and audio in one; `video`, `audio`, `subtitles`: a rendition of its own. */
    kind: oneOf('muxed', 'video', 'audio', 'subtitles'),
    /** RFC 6381, as in EXT-X-STREAM-INF's CODECS. */
    codecs: text(100),
    /** Peak and average bits a second. */
    bandwidth: whole(1, 1_000_000_000),
    averageBandwidth: whole(1, 1_000_000_000),
    width: whole(0, 16_384),
    height: whole(0, 16_384),
    frameRate: number(0, 1_000),
    /** BCP 47 tag, or empty. */
    language: text(35),
    name: text(100),
    /** fMP4 initialisation section in base64; empty where chunks need none (MPEG-TS, WebVTT). */
    init: isInit,
    /** Ending of chunk URLs, which tells players the container. */
    extension: oneOf('m4s', 'ts', 'aac', 'vtt'),
    /** Longest chunk, whole seconds rounded up (EXT-X-TARGETDURATION). */
    targetDurationSeconds: whole(1, 60),
    /** VoD: duration of every chunk in microseconds, in order. Live: empty. */
    durationsUs: list(whole(1, 0xffff_ffff), 0, MAX_LOG_CHUNKS),
  },
  {
    /** Whether a chunk is several movie fragments, so that a player can show its beginning before its end is there. */
    isProgressive: isBoolean,
    /**
     * Live whose encoder may be set up anew: the discontinuity sequence (of records) with which `init` begins. Absent where
     * one header is for all chunks there will ever be.
     */
    initFrom: isDiscontinuity,
    /** The media headers before it, each with the discontinuity sequence with which it begins, ascending. */
    earlierInits: list(object({ from: isDiscontinuity, init: isInit }), 0, MAX_EARLIER_INITS),
    /** Where chunks are encrypted, ascending; absent where none is. */
    keys: list(isKey, 0, MAX_STREAM_KEYS),
  },
);

const hasFields = objectWith({
  version: oneOf(1),
  /** Ed25519 public key, base64; its hash is the channel id. */
  publicKey: text(44, PUBLIC_KEY),
  title: text(MAX_TITLE_CHARS, /./su),
  kind: oneOf('vod', 'live'),
  pieceBytes: oneOf(PIECE_BYTES),
  /** Live: chunks behind the head that stay available, in the playlist and at the seeder. VoD: 0. */
  windowChunks: whole(0, 10_000),
  streams: list(isStream, 1, MAX_STREAMS),
}, {
  poster: isPicture,
  thumbnails: isThumbnails,
  /** Live: how far behind what is on air viewers play, ms: the host's choice between nearness and calm. */
  liveDelayMs: whole(500, 60_000),
});

export type ChannelDescription = Shaped<typeof hasFields>;
export type StreamDescription = ChannelDescription['streams'][number];

/** Whether a value from JSON is a description, and its fields fit each other (SPEC D-2, D-3). */
export function isDescription(value: unknown): value is ChannelDescription {
  if (!hasFields(value)) return false;
  const isLive = value.kind === 'live';
  const ids = new Set(value.streams.map((stream) => stream.id));
  // A window is what live has and VoD has not, durations are what VoD has and live has not.
  return (
    ids.size === value.streams.length &&
    isLive === value.windowChunks > 0 &&
    (isLive || value.liveDelayMs === undefined) &&
    value.streams.every((stream) => isLive === (stream.durationsUs.length === 0) && hasOrderedInits(stream, isLive))
  );
}

/** Headers that change are a live channel's, and begin one after the other (SPEC D-5). */
function hasOrderedInits({ initFrom, earlierInits = [] }: StreamDescription, isLive: boolean): boolean {
  if (initFrom === undefined) return earlierInits.length === 0;
  const begins = [...earlierInits.map(({ from }) => from), initFrom];
  return isLive && begins.every((from, at) => at === 0 || begins[at - 1]! < from);
}

const isChannelId: Shape<ChannelId> = (value): value is ChannelId => typeof value === 'string' && isIdText(value);

/** Whether a value from JSON has the shape of a signed description; what it says is not looked at. */
export const isSignedDescription = object({
  channel: isChannelId,
  /** JSON of a ChannelDescription, exactly as signed. */
  description: text(MAX_DESCRIPTION_CHARS),
  /** Ed25519 over `descriptionSigningBytes`, base64. */
  signature: text(88, SIGNATURE),
});

/** The answer of `GET /channels/:id/description`. */
export type SignedDescription = Shaped<typeof isSignedDescription>;

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
