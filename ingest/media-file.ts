/**
 * Opens a media file and decides whether browsers can play what is in it. Nothing is decoded: container and codec
 * headers are read by mediabunny, and a file that cannot be hosted is refused here with the sentence a person sees.
 */
import {
  EncodedPacketSink,
  Input,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  WEBM,
  type EncodedPacket,
  type InputAudioTrack,
  type InputFormat,
  type InputVideoTrack,
  type Source,
} from 'mediabunny';
import { IngestError } from './ingest-error.ts';
import { readSamplePlaces, type ByteFile, type SamplePlaces } from './sample-places.ts';
import { needsRewriting, writeHeader } from './write-header.ts';

/** What Media Source Extensions play inside fragmented MP4 in at least Chromium and Firefox on Linux. */
const PLAYABLE_VIDEO = ['avc', 'vp9', 'av1'] as const;
const PLAYABLE_AUDIO = ['aac', 'opus', 'mp3', 'flac'] as const;
export type PlayableVideo = (typeof PLAYABLE_VIDEO)[number];
export type PlayableAudio = (typeof PLAYABLE_AUDIO)[number];

const WANTED = 'H.264, VP9 or AV1 video with AAC, Opus, MP3 or FLAC sound';

export interface VideoSource {
  readonly codec: PlayableVideo;
  readonly codecString: string;
  readonly track: InputVideoTrack;
  readonly first: EncodedPacket;
  readonly width: number;
  readonly height: number;
}

export interface AudioSource {
  readonly codec: PlayableAudio;
  readonly codecString: string;
  readonly track: InputAudioTrack;
  readonly first: EncodedPacket;
  /** BCP 47 tag, empty where the file does not say. */
  readonly language: string;
  /** As the file calls it, mostly empty. */
  readonly name: string;
}

/** An open file; `close` frees its handle. At least one of the two tracks is there. */
export interface MediaFile {
  /** What a sentence calls it: a path, or a file's name. */
  readonly name: string;
  readonly video: VideoSource | undefined;
  readonly audio: AudioSource | undefined;
  /** Further sound that browsers play: other languages, commentaries. */
  readonly otherAudio: readonly AudioSource[];
  /** ftyp and moov that all its chunks share. */
  readonly init: Uint8Array;
  /** Whether its packets stand in MP4 in another form than here. */
  readonly needsRewriting: boolean;
  /** Where its samples can be read without mediabunny; by track id. */
  readonly direct: { readonly file: ByteFile; readonly places: ReadonlyMap<number, SamplePlaces> } | undefined;
  close(): void;
}

/** Where a file's bytes come from. */
export interface MediaBytes {
  readonly source: Source;
  /** The same bytes without mediabunny between; packaging is several times faster with it. */
  readonly file?: ByteFile;
}

/**
 * @param name what to call the source in a sentence, such as its path. The bytes are freed by `close`, or here on failure.
 * @throws IngestError when it is no media file, or when browsers cannot play it.
 */
export async function openMedia({ source, file }: MediaBytes, name: string): Promise<MediaFile> {
  const input = new Input({ source, formats: [MP4, QTFF, MATROSKA, WEBM, MPEG_TS] });
  try {
    return await openTracks(name, input, file);
  } catch (error) {
    input.dispose();
    await file?.close();
    if (error instanceof IngestError) throw error;
    throw new IngestError('damaged', `${name} is damaged or cut short and cannot be read.`, error);
  }
}

async function openTracks(name: string, input: Input, bytes: ByteFile | undefined): Promise<MediaFile> {
  if (!(await input.canRead())) {
    throw new IngestError('notMedia', `${name} is not a media file this server can read: MP4, MOV, MKV or WebM is needed.`);
  }
  const videoTrack = await input.getPrimaryVideoTrack();
  const audioTrack = await input.getPrimaryAudioTrack();
  const video = videoTrack ? await openVideo(name, videoTrack) : undefined;
  const [audio, ...otherAudio] = audioTrack ? await openSound(name, audioTrack, await input.getAudioTracks()) : [];
  if (!video && !audio) {
    // MP4 and MOV list their tracks in one box, which cameras write last: a copy that broke off has none.
    if (isIndexed(await input.getFormat()) && !videoTrack && !audioTrack) throw new IngestError('damaged', `${name} has no index of what is in it: it was cut short, or its recording never ended properly.`);
    throw new IngestError('notMedia', `${name} holds neither video nor sound.`);
  }
  const isRewritten = await needsRewriting({ video, audio });
  const places = bytes && !isRewritten && isIndexed(await input.getFormat()) ? await readSamplePlaces(bytes) : undefined;
  const isPlain = places && [video, audio, ...otherAudio].every((source) => !source || places.has(source.track.id));
  return {
    name, video, audio, otherAudio,
    init: await writeHeader({ video, audio }),
    needsRewriting: isRewritten,
    direct: bytes && isPlain ? { file: bytes, places } : undefined,
    close() {
      input.dispose();
      // Nothing was written: an error at closing loses nothing.
      bytes?.close().catch(() => undefined);
    },
  };
}

/** MP4 and MOV. */
const isIndexed = (format: InputFormat): boolean => format === MP4 || format === QTFF;

async function openVideo(name: string, track: InputVideoTrack): Promise<VideoSource | undefined> {
  const found = await track.getCodec();
  const codec = PLAYABLE_VIDEO.find((playable) => playable === found);
  const codecString = await track.getCodecParameterString();
  if (!codec || codecString === null) {
    throw new IngestError('unsupportedCodec', `The video of ${name} is ${nameOf(found, await track.getInternalCodecId())}, which browsers do not play; convert it to ${WANTED}.`);
  }
  const first = await new EncodedPacketSink(track).getFirstKeyPacket();
  if (!first) return undefined;
  return { codec, codecString, track, first, width: await track.getDisplayWidth(), height: await track.getDisplayHeight() };
}

/** What browsers play of a file's sound, the first for all first. @throws IngestError where there is sound, and none of it is. */
async function openSound(name: string, primary: InputAudioTrack, all: readonly InputAudioTrack[]): Promise<AudioSource[]> {
  const opened: AudioSource[] = [];
  let refused: IngestError | undefined;
  for (const track of [primary, ...all.filter((one) => one.id !== primary.id)]) {
    try {
      const source = await openAudio(name, track);
      if (source) opened.push(source);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      refused ??= error;
    }
  }
  if (opened.length === 0 && refused !== undefined) throw refused;
  return opened;
}

async function openAudio(name: string, track: InputAudioTrack): Promise<AudioSource | undefined> {
  const found = await track.getCodec();
  const codec = PLAYABLE_AUDIO.find((playable) => playable === found);
  const codecString = await track.getCodecParameterString();
  if (!codec || codecString === null) {
    throw new IngestError('unsupportedCodec', `The sound of ${name} is ${nameOf(found, await track.getInternalCodecId())}, which browsers do not play; convert it to ${WANTED}.`);
  }
  const first = await new EncodedPacketSink(track).getFirstPacket();
  return first ? { codec, codecString, track, first, language: tagOf(await track.getLanguageCode()), name: (await track.getName())?.trim() ?? '' } : undefined;
}

/** Containers have three letters (ISO 639-2) where BCP 47 has two: `deu` is `de`. Empty for what is no language. */
export function tagOf(code: string): string {
  try {
    const [tag = ''] = Intl.getCanonicalLocales(code);
    return tag === 'und' || tag.length > 35 ? '' : tag;
  } catch {
    return '';
  }
}

const NAMES: Readonly<Record<string, string>> = { hevc: 'HEVC (H.265)', vp8: 'VP8', prores: 'ProRes', vorbis: 'Vorbis', ac3: 'AC-3', eac3: 'E-AC-3', dts: 'DTS' };

function nameOf(codec: string | null, internal: string | number | Uint8Array | null): string {
  if (codec !== null) return NAMES[codec] ?? (codec.startsWith('pcm') ? 'uncompressed PCM' : codec);
  return typeof internal === 'string' && internal !== '' ? `of the kind "${internal}"` : 'of an unknown kind';
}
