/** Packages media files of this machine, one or the renditions of one: their chunks go to disk as they come. */
import type { Allocate } from '../gather-samples.ts';
import { IngestError } from '../ingest-error.ts';
import { packageMedia } from '../package-media.ts';
import type { PackagedStream } from '../packaged-stream.ts';
import type { RemuxMode } from '../remux.ts';
import { PackageWriter, type MediaPackage, type PackagePlace } from './media-package.ts';
import { openMediaFile } from './open-file.ts';

/** A file has one stream: picture and sound together. */
export const packageFile = (path: string, mode: RemuxMode, place: PackagePlace): Promise<MediaPackage> => packageFiles([{ path, name: '' }], mode, place);

/**
 * A package with a stream for each file, in their order.
 * @throws IngestError with nothing left behind when one cannot be hosted or the disk is full.
 */
export async function packageFiles(files: readonly { readonly path: string; readonly name: string }[], mode: RemuxMode, { root, onProgress }: PackagePlace): Promise<MediaPackage> {
  const writer = await PackageWriter.create(root);
  try {
    const facts: PackagedStream['facts'][] = [];
    for (const [stream, { path, name }] of files.entries()) {
      facts.push(await packageOne({ path, name, mode, stream, writer, onProgress: (ratio) => onProgress?.((stream + ratio) / files.length) }));
    }
    return await writer.finish(facts);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

interface FileJob {
  readonly path: string;
  readonly name: string;
  readonly mode: RemuxMode;
  readonly stream: number;
  readonly writer: PackageWriter;
  readonly onProgress: (ratio: number) => void;
}

async function packageOne({ path, name, mode, stream, writer, onProgress }: FileJob): Promise<PackagedStream['facts']> {
  const file = await openMediaFile(path);
  try {
    const durationUs = (await (file.video ?? file.audio)!.track.computeDuration()) * 1e6;
    return await packageMedia({
      file, mode, stream, name,
      allocate: alternate(),
      async store(chunk) {
        const packaged = await writer.addChunk(stream, 'm4s', chunk);
        onProgress(Math.min(1, (chunk.startUs + chunk.durationUs) / durationUs));
        return packaged;
      },
    });
  } catch (error) {
    if (error instanceof IngestError || !(error instanceof Error)) throw error;
    throw new IngestError('damaged', `${path} is damaged or cut short and cannot be hosted (${error.message.split('\n')[0]}).`, error);
  } finally {
    file.close();
  }
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
