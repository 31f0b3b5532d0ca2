/** Packages one media file or page-held Blob: every chunk of the remux is handed on as it comes, the facts follow at the end. */
import { bytesToBase64 } from '#protocol/base64';
import { MAX_INIT_BYTES, MAX_LOG_CHUNKS } from '#protocol/limits';
import type { Allocate } from './gather-samples.ts';
import { IngestError } from './ingest-error.ts';
import type { MediaFile } from './media-file.ts';
import { bitrates, targetDuration, type PackagedChunk, type PackagedStream } from './packaged-stream.ts';
import { remux, type RemuxedChunk, type RemuxMode } from './remux.ts';

/** How a file becomes a stream. */
export interface MediaJob {
  readonly file: MediaFile;
  readonly mode: RemuxMode;
  /** Number of the stream in its channel. */
  readonly stream: number;
  /** Name of the stream where a channel has several, else empty. */
  readonly name: string;
  readonly store: (chunk: RemuxedChunk) => Promise<PackagedChunk>;
  /** Room for the bytes of a chunk, where `store` gives it back; else each has a buffer of its own. */
  readonly allocate?: Allocate;
  /** Where in the file's own time the channel begins, seconds; by default with the file's first picture. */
  readonly originS?: number | undefined;
}

/**
 * The facts of a file's one stream, picture and sound together, after `store` has taken every chunk in order. The next
 * chunk is made when `store` is done with the one before.
 * @throws IngestError when the file cannot be hosted, and whatever `store` throws.
 */
export async function packageMedia({ file, mode, stream, name, store, allocate, originS }: MediaJob): Promise<PackagedStream['facts']> {
  const chunks: PackagedChunk[] = [];
  let [init, samples] = [new Uint8Array(), 0];
  for await (const chunk of remux(file, mode, { allocate, originS })) {
    if (chunks.length === MAX_LOG_CHUNKS) throw new IngestError('chunkTooLarge', `${file.name} is longer than 48 hours; host it in parts.`);
    init = Uint8Array.from(chunk.init);
    samples += chunk.samples;
    chunks.push(await store(chunk));
  }
  const last = chunks.at(-1);
  if (!last || init.length > MAX_INIT_BYTES) throw new IngestError('damaged', `${file.name} holds nothing that can be played.`);
  const lastEndUs = last.startUs + last.durationUs;
  return {
    id: stream,
    kind: file.video && file.audio ? 'muxed' : file.video ? 'video' : 'audio',
    codecs: [file.video?.codecString, file.audio?.codecString].filter((codec) => codec !== undefined).join(','),
    ...bitrates(chunks),
    width: file.video?.width ?? 0,
    height: file.video?.height ?? 0,
    frameRate: file.video ? Math.round((samples * 1e9) / lastEndUs) / 1000 : 0,
    language: file.audio?.language ?? '',
    name,
    init: bytesToBase64(init),
    extension: 'm4s',
    isProgressive: true,
    targetDurationSeconds: targetDuration(file.name, chunks),
  };
}
