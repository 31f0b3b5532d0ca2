/** Opens a clip for a test of the stages that know no files. */
import { FilePathSource } from 'mediabunny';
import { openMedia, type MediaFile } from '../media-file.ts';

export const openClip = (path: string): Promise<MediaFile> => openMedia({ source: new FilePathSource(path) }, path);
