/** Packages media files of this machine, one or the renditions of one: their chunks go to disk as they come. */
import { MAX_STREAMS } from '#protocol/limits';
import type { Allocate } from '../gather-samples.ts';
import { IngestError } from '../ingest-error.ts';
import { tagOf, type MediaFile } from '../media-file.ts';
import { packageMedia } from '../package-media.ts';
import { bitrates, targetDuration, type PackagedStream } from '../packaged-stream.ts';
import type { RemuxMode } from '../remux.ts';
import { nameTracks, renditionsOf, type Rendition } from '../renditions.ts';
import { splitSubtitles } from '../split-subtitles.ts';
import { PackageWriter, type MediaPackage, type PackagePlace } from './media-package.ts';
import { openMediaFile } from './open-file.ts';
import { readSubtitles } from './read-subtitles.ts';

type Facts = PackagedStream['facts'];

/**
 * A file has one stream, picture and sound together; with several languages, one for the picture and one for each. Its
 * subtitles are streams too. As television a file is picture and sound alone.
 */
export async function packageFile(path: string, mode: RemuxMode, place: PackagePlace): Promise<MediaPackage> {
  return packaged(place, async (writer, onProgress) => {
    const film = await packageStreams({ path, mode, writer, onProgress });
    return mode === 'once' ? [...film.facts, ...(await packageSubtitles(path, writer, film))] : film.facts;
  });
}

/** A package with a stream for each file, in their order. */
export const packageFiles = (files: readonly { readonly path: string; readonly name: string }[], place: PackagePlace): Promise<MediaPackage> =>
  packaged(place, async (writer, onProgress) => {
    const facts: Facts[] = [];
    for (const [stream, { path, name }] of files.entries()) {
      facts.push(...(await packageStreams({ path, rename: name, mode: 'once', firstStream: stream, writer, onProgress: (ratio) => onProgress((stream + ratio) / files.length) })).facts);
    }
    return facts;
  });

/** @throws IngestError with nothing left behind when it cannot be hosted or the disk is full. */
async function packaged({ root, onProgress }: PackagePlace, write: (writer: PackageWriter, onProgress: (ratio: number) => void) => Promise<readonly Facts[]>): Promise<MediaPackage> {
  const writer = await PackageWriter.create(root);
  try {
    return await writer.finish(await write(writer, (ratio) => onProgress?.(ratio)));
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

interface FileJob {
  readonly path: string;
  readonly mode: RemuxMode;
  readonly writer: PackageWriter;
  /** Number of the file's first stream; 0 where it is alone. */
  readonly firstStream?: number;
  /** Name of a file that is one rendition of several. */
  readonly rename?: string;
  readonly onProgress: (ratio: number) => void;
}

interface Film {
  readonly facts: readonly Facts[];
  /** Where in the file's own time the channel begins, seconds. */
  readonly originS: number;
}

async function packageStreams({ path, mode, writer, firstStream = 0, rename, onProgress }: FileJob): Promise<Film> {
  const file = await openMediaFile(path);
  try {
    const renditions: Rendition[] = rename === undefined && mode === 'once' ? await renditionsOf(file) : [{ file, name: rename ?? '' }];
    const facts: Facts[] = [];
    let originS: number | undefined;
    for (const [at, rendition] of renditions.entries()) {
      const stream = firstStream + at;
      const durationUs = (await leadOf(rendition.file).computeDuration()) * 1e6;
      facts.push(await packageMedia({
        ...rendition, mode, stream, originS,
        allocate: alternate(),
        async store(chunk) {
          originS ??= chunk.originS;
          const stored = await writer.addChunk(stream, 'm4s', chunk);
          onProgress((at + Math.min(1, (chunk.startUs + chunk.durationUs) / durationUs)) / renditions.length);
          return stored;
        },
      }));
    }
    return { facts, originS: originS ?? 0 };
  } catch (error) {
    if (error instanceof IngestError || !(error instanceof Error)) throw error;
    throw new IngestError('damaged', `${path} is damaged or cut short and cannot be hosted (${error.message.split('\n')[0]}).`, error);
  } finally {
    file.close();
  }
}

const leadOf = (file: MediaFile): NonNullable<MediaFile['video'] | MediaFile['audio']>['track'] => (file.video ?? file.audio)!.track;

/** A stream for each, behind those of the film. */
async function packageSubtitles(path: string, writer: PackageWriter, film: Film): Promise<Facts[]> {
  if (film.facts.every(({ kind }) => kind === 'audio')) return [];
  const lengthUs = writer.lengthUs(film.facts[0]!.id);
  const found = (await readSubtitles(path)).map((one) => ({ ...one, language: tagOf(one.language) }));
  const names = nameTracks(found, 'Subtitles');
  const facts: Facts[] = [];
  for (const [at, { language, text }] of found.entries()) {
    const chunks = splitSubtitles(text, lengthUs, film.originS * 1e6);
    const id = film.facts.length + facts.length;
    if (chunks.length === 0 || id >= MAX_STREAMS) continue;
    const stored = [];
    for (const chunk of chunks) stored.push(await writer.addChunk(id, 'vtt', chunk));
    facts.push({
      id, kind: 'subtitles', codecs: '', ...bitrates(stored), width: 0, height: 0, frameRate: 0, language, name: names[at]!, init: '', extension: 'vtt',
      targetDurationSeconds: targetDuration(path, stored),
    });
  }
  return facts;
}

/** Two buffers in turn: the writer has one on its way to the disk while the next chunk is put together in the other. */
function alternate(): Allocate {
  const buffers = [Buffer.alloc(0), Buffer.alloc(0)];
  return (bytes) => {
    const free = buffers.shift()!;
    buffers.push(free.length >= bytes ? free : Buffer.allocUnsafeSlow(bytes));
    return buffers[1]!.subarray(0, bytes);
  };
}
