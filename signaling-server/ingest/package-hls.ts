/** Packages a folder that holds HLS. */
import { stat } from 'node:fs/promises';
import type { MediaPackage } from './media-package.ts';
import { IngestError } from './ingest-error.ts';

export async function packageHls(path: string, _root: string): Promise<MediaPackage> {
  await stat(path);
  throw new IngestError('badPlaylist', `${path} holds no HLS playlist.`);
}
