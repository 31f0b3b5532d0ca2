/** Packages one media file of this machine: its chunks go to disk as they come. */
import { IngestError } from '../ingest-error.ts';
import { packageMedia, STREAM } from '../package-media.ts';
import type { RemuxMode } from '../remux.ts';
import { PackageWriter, type MediaPackage, type PackagePlace } from './media-package.ts';
import { openMediaFile } from './open-file.ts';

/** @throws IngestError with nothing left behind when the file cannot be hosted or the disk is full. */
export async function packageFile(path: string, mode: RemuxMode, { root, onProgress }: PackagePlace): Promise<MediaPackage> {
  const file = await openMediaFile(path);
  try {
    const writer = await PackageWriter.create(root);
    try {
      const durationUs = (await (file.video ?? file.audio)!.track.computeDuration()) * 1e6;
      const facts = await packageMedia(file, mode, async (chunk) => {
        const packaged = await writer.addChunk(STREAM, 'm4s', chunk);
        onProgress?.(Math.min(1, (chunk.startUs + chunk.durationUs) / durationUs));
        return packaged;
      });
      return await writer.finish([facts]);
    } catch (error) {
      await writer.discard();
      if (error instanceof IngestError || !(error instanceof Error)) throw error;
      throw new IngestError('damaged', `${path} is damaged or cut short and cannot be hosted (${error.message.split('\n')[0]}).`, error);
    }
  } finally {
    file.close();
  }
}
