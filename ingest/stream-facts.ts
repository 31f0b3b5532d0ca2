/** What can be said of a stream of HLS that is there already: by looking into its first segment, and by its playlists' words. */
import type { StreamDescription } from '#protocol/description';
import type { HlsSource } from './package-hls.ts';
import { probeSegment, type SegmentFacts } from './probe-segment.ts';

export type StreamFacts = SegmentFacts & Pick<StreamDescription, 'language' | 'name'>;

/**
 * @param first media header and first segment. @param isEncrypted whether nobody can look into it
 * @throws IngestError where browsers do not play it.
 */
export async function streamFacts(source: HlsSource, first: Uint8Array, isEncrypted: boolean): Promise<StreamFacts> {
  const { said } = source;
  const found = await find(source, first, isEncrypted);
  return {
    kind: found.kind,
    codecs: found.codecs,
    width: said.width ? said.width : found.width,
    height: said.height ? said.height : found.height,
    frameRate: said.frameRate ? said.frameRate : found.frameRate,
    language: said.language?.slice(0, 35) ?? '',
    name: said.name?.slice(0, 100) ?? '',
  };
}

async function find(source: HlsSource, first: Uint8Array, isEncrypted: boolean): Promise<SegmentFacts> {
  if (source.isSubtitles) return { kind: 'subtitles', codecs: '', width: 0, height: 0, frameRate: 0 };
  // Where nobody can look inside, the playlist's word has to do.
  if (isEncrypted) return { kind: kindOf(source), codecs: source.said.codecs?.slice(0, 100) ?? '', width: 0, height: 0, frameRate: 0 };
  // Elsewhere it is not taken for codecs: players refuse a stream whose codecs are announced wrongly.
  return probeSegment(source.reference, first);
}

function kindOf({ said }: HlsSource): SegmentFacts['kind'] {
  if (said.group !== undefined) return 'audio';
  return said.audio === undefined || said.audio === '' ? 'muxed' : 'video';
}
