/** Packages one media file: every chunk of the remux goes to disk as it comes, the stream's facts follow at the end. */
import { bytesToBase64 } from '#protocol/base64';
import { MAX_INIT_BYTES, MAX_LOG_CHUNKS } from '#protocol/limits';
import { IngestError } from './ingest-error.ts';
import { openMediaFile, type MediaFile } from './media-file.ts';
import { PackageWriter, type MediaPackage, type PackagedChunk, type PackagedStream } from './media-package.ts';
import { remux, type RemuxMode } from './remux.ts';

/** A file has one stream: picture and sound together. */
const STREAM = 0;

/**
 * @param root folder that holds all packages
 * @throws IngestError with nothing left behind when the file cannot be hosted or the disk is full.
 */
export async function packageFile(path: string, mode: RemuxMode, root: string): Promise<MediaPackage> {
  const file = await openMediaFile(path);
  try {
    const writer = await PackageWriter.create(root);
    try {
      return await writer.finish([await writeStream(file, mode, writer)]);
    } catch (error) {
      await writer.discard();
      if (error instanceof IngestError || !(error instanceof Error)) throw error;
      throw new IngestError('damaged', `${path} is damaged or cut short and cannot be hosted (${error.message.split('\n')[0]}).`, error);
    }
  } finally {
    file.close();
  }
}

async function writeStream(file: MediaFile, mode: RemuxMode, writer: PackageWriter): Promise<PackagedStream['facts']> {
  const chunks: PackagedChunk[] = [];
  let [init, samples] = [new Uint8Array(), 0];
  for await (const chunk of remux(file, mode)) {
    if (chunks.length === MAX_LOG_CHUNKS) throw new IngestError('chunkTooLarge', `${file.path} is longer than 48 hours; host it in parts.`);
    init = Uint8Array.from(chunk.init);
    samples += chunk.samples;
    chunks.push(await writer.addChunk(STREAM, 'm4s', chunk));
  }
  const last = chunks.at(-1);
  if (!last || init.length > MAX_INIT_BYTES) throw new IngestError('damaged', `${file.path} holds nothing that can be played.`);
  const lastEndUs = last.startUs + last.durationUs;
  return {
    id: STREAM,
    kind: file.video && file.audio ? 'muxed' : file.video ? 'video' : 'audio',
    codecs: [file.video?.codecString, file.audio?.codecString].filter((codec) => codec !== undefined).join(','),
    ...bitrates(chunks),
    width: file.video?.width ?? 0,
    height: file.video?.height ?? 0,
    frameRate: file.video ? Math.round((samples * 1e9) / lastEndUs) / 1000 : 0,
    language: file.language,
    name: '',
    init: bytesToBase64(init),
    extension: 'm4s',
    isProgressive: true,
    targetDurationSeconds: targetDuration(file.path, chunks),
  };
}

/** Peak over chunks, and average, in bits a second (RFC 8216, section 4.3.4.2). */
export function bitrates(chunks: readonly PackagedChunk[]): { bandwidth: number; averageBandwidth: number } {
  const rate = (bytes: number, us: number): number => Math.max(1, Math.ceil((bytes * 8e6) / us));
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const us = chunks.reduce((sum, chunk) => sum + chunk.durationUs, 0);
  return { bandwidth: chunks.reduce((peak, chunk) => Math.max(peak, rate(chunk.bytes, chunk.durationUs)), 1), averageBandwidth: rate(bytes, us) };
}

/** Longest chunk in whole seconds, rounded up. @throws IngestError over a minute, which no player buffers sensibly. */
export function targetDuration(path: string, chunks: readonly PackagedChunk[]): number {
  const longestUs = chunks.reduce((longest, chunk) => Math.max(longest, chunk.durationUs), 0);
  const seconds = Math.max(1, Math.ceil(longestUs / 1e6));
  if (seconds <= 60) return seconds;
  throw new IngestError('chunkTooLarge', `${path} has keyframes more than a minute apart; encode it with a keyframe every 2 seconds.`);
}
