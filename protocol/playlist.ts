/**
 * HLS playlists (RFC 8216) written from a channel's description and records. The seeder serves them to players that
 * know nothing of peers, the viewer's playlist loader hands the same text to hls.js; URIs are relative, so both work
 * below any base.
 */
import type { ChannelDescription, StreamDescription } from './description.ts';
import { headerName, headerOf } from './media-header.ts';

/** What a playlist line needs of a record. */
export interface PlaylistChunk {
  readonly index: number;
  readonly durationUs: number;
  /** Its number where it was encrypted: what AES-128 without a vector of its own takes for one (RFC 8216, section 5.2). */
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  /** 0 when unknown. */
  readonly onAirMs: number;
}

const seconds = (us: number): string => (us / 1e6).toFixed(6);
const quoted = (text: string): string => `"${text.replace(/["\r\n]/g, ' ')}"`;

/** The multivariant playlist, relative to `/channels/:id/`. */
export function writeMasterPlaylist(description: ChannelDescription): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  const renditions = description.streams.filter((s) => s.kind === 'audio' || s.kind === 'subtitles');
  const hasVideo = description.streams.some((s) => s.kind === 'muxed' || s.kind === 'video');
  for (const [order, stream] of renditions.entries()) {
    if (!hasVideo && stream.kind === 'audio') continue;
    const type = stream.kind === 'audio' ? 'AUDIO' : 'SUBTITLES';
    const isFirst = renditions.findIndex((other) => other.kind === stream.kind) === order;
    lines.push(
      `#EXT-X-MEDIA:TYPE=${type},GROUP-ID="${stream.kind}",NAME=${quoted(stream.name || stream.language || `${stream.kind} ${stream.id}`)},` +
        (stream.language ? `LANGUAGE=${quoted(stream.language)},` : '') +
        `DEFAULT=${isFirst && stream.kind === 'audio' ? 'YES' : 'NO'},AUTOSELECT=YES,URI="${stream.id}/playlist.m3u8"`,
    );
  }
  const audio = renditions.find((s) => s.kind === 'audio');
  for (const stream of description.streams) {
    const isVariant = stream.kind === 'muxed' || stream.kind === 'video' || (!hasVideo && stream.kind === 'audio');
    if (!isVariant) continue;
    const sound = stream.kind === 'video' ? audio : undefined;
    const codecs = sound ? `${stream.codecs},${sound.codecs}` : stream.codecs;
    lines.push(
      `#EXT-X-STREAM-INF:BANDWIDTH=${stream.bandwidth + (sound?.bandwidth ?? 0)}` +
        `,AVERAGE-BANDWIDTH=${stream.averageBandwidth + (sound?.averageBandwidth ?? 0)}` +
        (codecs ? `,CODECS=${quoted(codecs)}` : '') +
        (stream.width ? `,RESOLUTION=${stream.width}x${stream.height}` : '') +
        (stream.frameRate ? `,FRAME-RATE=${stream.frameRate.toFixed(3)}` : '') +
        (sound ? ',AUDIO="audio"' : '') +
        (renditions.some((s) => s.kind === 'subtitles') ? ',SUBTITLES="subtitles"' : ''),
      `${stream.id}/playlist.m3u8`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/**
 * A stream's media playlist, relative to `/channels/:id/:stream/`. `chunks` are consecutive; `isEnded` closes the list
 * (VoD, or a live channel that is over).
 */
export function writeMediaPlaylist(stream: StreamDescription, chunks: readonly PlaylistChunk[], isEnded: boolean): string {
  const first = chunks[0];
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${stream.targetDurationSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.index ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuitySequence ?? 0}`,
  ];
  if (isEnded) lines.push('#EXT-X-PLAYLIST-TYPE:VOD');
  const keys = keysBefore(stream, first?.index ?? 0);
  lines.push(...keys.filter((key) => key.isForInit).map((key) => keyLine(key, first)));
  let header = headerOf(stream, first?.discontinuitySequence ?? 0).from;
  if (stream.init) lines.push(mapLine(header));
  lines.push(...keys.filter((key) => !key.isForInit).map((key) => keyLine(key, first)));
  let discontinuities = first?.discontinuitySequence ?? 0;
  for (const chunk of chunks) {
    if (chunk.discontinuitySequence !== discontinuities) {
      lines.push('#EXT-X-DISCONTINUITY');
      const { from } = headerOf(stream, chunk.discontinuitySequence);
      if (stream.init && from !== header) lines.push(mapLine(from));
      header = from;
    }
    discontinuities = chunk.discontinuitySequence;
    if (chunk !== first && stream.keys) lines.push(...keysBefore(stream, chunk.index).filter((key) => key.from === chunk.index || needsVector(key, chunk)).map((key) => keyLine(key, chunk)));
    if (chunk.onAirMs > 0) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(chunk.onAirMs).toISOString()}`);
    lines.push(`#EXTINF:${seconds(chunk.durationUs)},`, `${chunk.index}.${stream.extension}`);
  }
  if (isEnded) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

type StreamKey = NonNullable<StreamDescription['keys']>[number];

const mapLine = (from: number): string => `#EXT-X-MAP:URI="${headerName(from)}"`;
const keyLine = (key: StreamKey, chunk: PlaylistChunk | undefined): string => `#EXT-X-KEY:${key.attributes}${chunk && needsVector(key, chunk) ? `,IV=0x${chunk.mediaSequence.toString(16).padStart(32, '0')}` : ''}`;

/** Whether players would take the chunk's number here for its vector, while it was encrypted under another. */
const needsVector = ({ attributes }: StreamKey, { index, mediaSequence }: PlaylistChunk): boolean => index !== mediaSequence && /^METHOD=AES-128\b/.test(attributes) && !/,IV=/.test(attributes);

/** What is in force at a chunk: the last ones named at or before it. */
function keysBefore({ keys = [] }: StreamDescription, index: number): StreamKey[] {
  const from = keys.reduce((latest, key) => (key.from <= index ? Math.max(latest, key.from) : latest), -1);
  return keys.filter((key) => key.from === from);
}

/** The closed log of a VoD stream as playlist lines, from its signed description alone. */
export function vodPlaylistChunks(stream: StreamDescription): PlaylistChunk[] {
  return stream.durationsUs.map((durationUs, index) => ({
    index,
    durationUs,
    mediaSequence: index,
    discontinuitySequence: 0,
    onAirMs: 0,
  }));
}
