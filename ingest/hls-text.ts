/**
 * Reads HLS playlists (RFC 8216) as far as hosting an existing folder needs it. Pure text to facts; what cannot be hosted
 * (a playlist that is still growing) is left for the caller to see in the facts.
 */

/** A part of a file, or all of it where there is no length. */
export interface FilePart {
  readonly uri: string;
  readonly offset: number;
  readonly length: number | undefined;
}

export interface MediaSegment extends FilePart {
  readonly durationUs: number;
  /** Breaks before it, by the playlist's own count (section 6.2.1): the same in all playlists of one origin. */
  readonly discontinuity: number;
  /** The media header that it needs. */
  readonly map: FilePart | undefined;
}

/** An EXT-X-KEY tag, in force from a segment on. */
export interface KeyTag {
  /** Position of that segment in the list. */
  readonly from: number;
  /** The attribute list as it stands there. */
  readonly attributes: string;
  /** Whether it stands before EXT-X-MAP and so is for the media header too. */
  readonly isForInit: boolean;
}

export interface MediaPlaylist {
  readonly type: 'media';
  readonly segments: readonly MediaSegment[];
  readonly map: FilePart | undefined;
  readonly isEnded: boolean;
  /** Empty where nothing is encrypted. */
  readonly keys: readonly KeyTag[];
  /** Number of the first segment (EXT-X-MEDIA-SEQUENCE), which stands in for initialisation vectors. */
  readonly mediaSequence: number;
  /** A discontinuity or a second media header within the list. */
  readonly isBroken: boolean;
}

export interface Variant {
  readonly uri: string;
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** Group ids, empty where there is none. */
  readonly audio: string;
  readonly subtitles: string;
}

export interface Rendition {
  readonly kind: 'audio' | 'subtitles';
  /** Empty where the sound is in the variants themselves. */
  readonly uri: string;
  readonly group: string;
  readonly name: string;
  readonly language: string;
}

export interface MasterPlaylist {
  readonly type: 'master';
  readonly variants: readonly Variant[];
  readonly renditions: readonly Rendition[];
}

/** Attribute list of a tag (section 4.2): names to values, quotes taken off. */
export function readAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, quoted, plain] of text.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))/g)) attributes.set(name!, quoted ?? plain ?? '');
  return attributes;
}

/** The key tags in force at a segment; empty where it is not encrypted. */
export function keysAt({ keys }: MediaPlaylist, position: number): readonly KeyTag[] {
  const from = keys.findLast((key) => key.from <= position)?.from;
  return keys.filter((key) => key.from === from && readAttributes(key.attributes).get('METHOD') !== 'NONE');
}

/** Undefined where the text is no playlist. */
export function readPlaylist(text: string): MasterPlaylist | MediaPlaylist | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  if (lines[0] !== '#EXTM3U') return undefined;
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:')) ? readMaster(lines) : readMedia(lines);
}

function readMaster(lines: readonly string[]): MasterPlaylist {
  const variants: Variant[] = [];
  const renditions: Rendition[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) {
      const uri = lines.slice(at + 1).find((next) => !next.startsWith('#'));
      if (uri !== undefined) variants.push(readVariant(readAttributes(line.slice(18)), uri));
    } else if (line.startsWith('#EXT-X-MEDIA:')) {
      const attributes = readAttributes(line.slice(13));
      const kind = ({ AUDIO: 'audio', SUBTITLES: 'subtitles' } as const)[attributes.get('TYPE') ?? ''];
      if (kind) renditions.push({ kind, uri: attributes.get('URI') ?? '', group: attributes.get('GROUP-ID') ?? '', name: attributes.get('NAME') ?? '', language: attributes.get('LANGUAGE') ?? '' });
    }
  }
  return { type: 'master', variants, renditions };
}

function readVariant(attributes: ReadonlyMap<string, string>, uri: string): Variant {
  const [width = 0, height = 0] = (attributes.get('RESOLUTION') ?? '').split('x').map(Number);
  return {
    uri,
    codecs: attributes.get('CODECS') ?? '',
    width: width || 0,
    height: height || 0,
    frameRate: Number(attributes.get('FRAME-RATE') ?? 0) || 0,
    audio: attributes.get('AUDIO') ?? '',
    subtitles: attributes.get('SUBTITLES') ?? '',
  };
}

function readMedia(lines: readonly string[]): MediaPlaylist {
  const segments: MediaSegment[] = [];
  let map: FilePart | undefined;
  const keys: KeyTag[] = [];
  let [isEnded, isBroken, mediaSequence] = [false, false, 0];
  let [durationUs, discontinuity] = [0, 0];
  let range: { length: number; offset: number | undefined } | undefined;
  for (const line of lines) {
    if (line.startsWith('#EXTINF:')) durationUs = Math.round(Number.parseFloat(line.slice(8)) * 1e6);
    else if (line.startsWith('#EXT-X-BYTERANGE:')) range = readRange(line.slice(17));
    else if (line.startsWith('#EXT-X-MAP:')) {
      isBroken ||= map !== undefined;
      map = readMap(readAttributes(line.slice(11)));
    } else if (line.startsWith('#EXT-X-KEY:')) keys.push({ from: segments.length, attributes: line.slice(11), isForInit: map === undefined });
    else if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) mediaSequence = Number.parseInt(line.slice(22), 10) || 0;
    else if (line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:')) discontinuity = Number.parseInt(line.slice(30), 10) || 0;
    else if (line === '#EXT-X-DISCONTINUITY') {
      isBroken ||= segments.length > 0;
      discontinuity += 1;
    } else if (line === '#EXT-X-ENDLIST') isEnded = true;
    else if (!line.startsWith('#')) {
      segments.push({ uri: line, durationUs, discontinuity, map, ...placed(line, range, segments.at(-1)) });
      [durationUs, range] = [0, undefined];
    }
  }
  const isClear = keys.every(({ attributes }) => readAttributes(attributes).get('METHOD') === 'NONE');
  return { type: 'media', segments, map, isEnded, keys: isClear ? [] : keys, mediaSequence, isBroken };
}

function readMap(attributes: ReadonlyMap<string, string>): FilePart {
  const range = attributes.has('BYTERANGE') ? readRange(attributes.get('BYTERANGE')!) : undefined;
  return { uri: attributes.get('URI') ?? '', offset: range?.offset ?? 0, length: range?.length };
}

/** `n[@o]` (section 4.3.2.2). */
function readRange(text: string): { length: number; offset: number | undefined } {
  const [length = '', offset] = text.split('@');
  return { length: Number(length), offset: offset === undefined ? undefined : Number(offset) };
}

/** Without an offset a range follows the one before it in the same file. */
function placed(uri: string, range: ReturnType<typeof readRange> | undefined, before: MediaSegment | undefined): Omit<FilePart, 'uri'> {
  if (!range) return { offset: 0, length: undefined };
  const follows = before?.uri === uri && before.length !== undefined ? before.offset + before.length : 0;
  return { offset: range.offset ?? follows, length: range.length };
}
