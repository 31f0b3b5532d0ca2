/** What is inside a folder's first segment: codecs and picture size where the playlists do not say, and what to refuse. */
import { ADTS, BufferSource, Input, MP3, MP4, MPEG_TS } from 'mediabunny';
import { IngestError } from './ingest-error.ts';

export interface SegmentFacts {
  readonly kind: 'muxed' | 'video' | 'audio' | 'subtitles';
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** Codecs that the fMP4 and TS of HLS carry and that browsers play by Media Source Extensions. */
const PLAYABLE = /^(avc1|avc3|vp09|av01|mp4a|opus|Opus|fLaC|mp3)/;

/** @param bytes media header and first segment. @throws IngestError when browsers cannot play it. */
export async function probeSegment(path: string, bytes: Uint8Array): Promise<SegmentFacts> {
  const input = new Input({ source: new BufferSource(bytes), formats: [MP4, MPEG_TS, ADTS, MP3] });
  try {
    const video = await input.getPrimaryVideoTrack();
    const audio = await input.getPrimaryAudioTrack();
    const codecs = [await video?.getCodecParameterString(), await audio?.getCodecParameterString()].filter((codec) => typeof codec === 'string');
    const isKnown = codecs.length === (video ? 1 : 0) + (audio ? 1 : 0);
    if (codecs.length === 0 || !isKnown || !codecs.every((codec) => PLAYABLE.test(codec))) {
      throw new IngestError('unsupportedCodec', `${path} holds ${codecs.join(' and ') || 'a codec'} that browsers do not play; H.264, VP9 or AV1 with AAC, Opus, MP3 or FLAC is needed.`);
    }
    const rate = (await video?.computePacketStats(60))?.averagePacketRate ?? 0;
    return {
      kind: video && audio ? 'muxed' : video ? 'video' : 'audio',
      codecs: codecs.join(','),
      width: (await video?.getDisplayWidth()) ?? 0,
      height: (await video?.getDisplayHeight()) ?? 0,
      frameRate: Math.round(rate * 1000) / 1000,
    };
  } catch (error) {
    if (error instanceof IngestError) throw error;
    throw new IngestError('damaged', `The first segment of ${path} cannot be read.`, error);
  } finally {
    input.dispose();
  }
}
