/**
 * Reads HLS playlists back (RFC 8216, the part that is written here), strictly: an unknown tag, an attribute list that
 * does not parse or a tag out of place throws. It shares nothing with the writer but the RFC.
 */

export interface ReadSegment {
  readonly uri: string;
  readonly sequence: number;
  readonly discontinuity: number;
  readonly durationSeconds: number;
  readonly dateTime: string | null;
}

export interface ReadMedia {
  readonly targetDuration: number;
  readonly type: string | null;
  readonly map: string | null;
  readonly isEnded: boolean;
  readonly segments: readonly ReadSegment[];
}

export type Attributes = Readonly<Record<string, string>>;

export interface ReadMaster {
  readonly media: readonly Attributes[];
  readonly variants: readonly (Attributes & { readonly uri: string })[];
}

function readAttributes(text: string): Attributes {
  const attributes: Record<string, string> = {};
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[1]! in attributes) throw new Error(`${match[1]!} twice in ${text}`);
    attributes[match[1]!] = match[2]!.replace(/^"|"$/g, '');
    if (pattern.lastIndex === text.length) return attributes;
  }
  throw new Error(`not an attribute list: ${text}`);
}

function linesOf(text: string): string[] {
  if (!text.endsWith('\n') || text.includes('\r')) throw new Error('lines do not end in LF');
  const lines = text.slice(0, -1).split('\n');
  if (lines.shift() !== '#EXTM3U') throw new Error('no EXTM3U first');
  return lines;
}

const split = (line: string): [tag: string, value: string] => {
  const at = line.indexOf(':');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
};

export function readMediaPlaylist(text: string): ReadMedia {
  const header = new Map<string, string>();
  const segments: ReadSegment[] = [];
  let [discontinuity, isEnded] = [0, false];
  let duration: number | null = null;
  let dateTime: string | null = null;
  for (const line of linesOf(text)) {
    if (isEnded) throw new Error('something after the end');
    const [tag, value] = split(line);
    if (!line.startsWith('#')) {
      if (duration === null) throw new Error(`${line} without EXTINF`);
      const sequence = Number(header.get('#EXT-X-MEDIA-SEQUENCE') ?? 0) + segments.length;
      segments.push({ uri: line, sequence, discontinuity, durationSeconds: duration, dateTime });
      [duration, dateTime] = [null, null];
    } else if (tag === '#EXTINF') duration = Number(/^(\d+\.\d+),$/.exec(value)![1]);
    else if (tag === '#EXT-X-DISCONTINUITY') discontinuity++;
    else if (tag === '#EXT-X-PROGRAM-DATE-TIME') dateTime = value;
    else if (tag === '#EXT-X-ENDLIST') isEnded = true;
    else if (/^#EXT-X-(VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|PLAYLIST-TYPE|MAP)$/.test(tag)) {
      if (segments.length > 0 || header.has(tag)) throw new Error(`${line} out of place`);
      header.set(tag, value);
      if (tag === '#EXT-X-DISCONTINUITY-SEQUENCE') discontinuity = Number(value);
    } else throw new Error(`unknown ${line}`);
  }
  const map = header.get('#EXT-X-MAP');
  return {
    targetDuration: Number(header.get('#EXT-X-TARGETDURATION')), type: header.get('#EXT-X-PLAYLIST-TYPE') ?? null,
    map: map === undefined ? null : readAttributes(map)['URI']!, isEnded, segments,
  };
}

export function readMasterPlaylist(text: string): ReadMaster {
  const media: Attributes[] = [];
  const variants: (Attributes & { uri: string })[] = [];
  let open: Attributes | null = null;
  for (const line of linesOf(text)) {
    const [tag, value] = split(line);
    if (open && line.startsWith('#')) throw new Error('a variant without its URI');
    if (!line.startsWith('#')) {
      if (!open) throw new Error(`${line} is no variant`);
      variants.push({ ...open, uri: line });
      open = null;
    } else if (tag === '#EXT-X-STREAM-INF') open = readAttributes(value);
    else if (tag === '#EXT-X-MEDIA') media.push(readAttributes(value));
    else if (tag !== '#EXT-X-VERSION' && tag !== '#EXT-X-INDEPENDENT-SEGMENTS') throw new Error(`unknown ${line}`);
  }
  if (open) throw new Error('a variant without its URI');
  return { media, variants };
}
