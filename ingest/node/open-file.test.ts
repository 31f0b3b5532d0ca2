import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openMediaFile } from './open-file.ts';
import { packageFile } from './package-file.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeClip } from '../testing/synthetic-clip.ts';

describe('a file that cannot be hosted is refused with a sentence', () => {
  it.each([
    ['a missing file', 'missing', /There is no file/, (folder: string) => Promise.resolve(join(folder, 'none.mp4'))],
    ['a folder', 'missing', /is not a file/, (folder: string) => Promise.resolve(folder)],
    ['a text named .mp4', 'notMedia', /not a media file/, async (folder: string) => {
      await writeFile(join(folder, 'text.mp4'), 'Once upon a time.\n'.repeat(100));
      return join(folder, 'text.mp4');
    }],
    ['an empty file', 'notMedia', /is empty/, async (folder: string) => {
      await writeFile(join(folder, 'empty.mp4'), '');
      return join(folder, 'empty.mp4');
    }],
    ['video browsers do not play', 'unsupportedCodec', /VP8.*convert/, (folder: string) => writeClip(join(folder, 'a.mkv'), { seconds: 1, video: 'vp8', audio: 'none' })],
    ['sound browsers do not play', 'unsupportedCodec', /PCM.*convert/, (folder: string) => writeClip(join(folder, 'a.mkv'), { seconds: 1, audio: 'pcm-s16' })],
  ] as const)('%s', async (_, reason, sentence, make) => {
    const path = await make(await temporaryFolder());
    await expect(openMediaFile(path)).rejects.toMatchObject({ name: 'IngestError', reason, message: expect.stringMatching(sentence) as string });
  });

  it('a file cut short, with nothing left behind', async () => {
    const folder = await temporaryFolder();
    const path = await writeClip(join(folder, 'a.mp4'), { seconds: 4 });
    await truncate(path, 3000);
    await expect(packageFile(path, 'once', { root: join(folder, 'packages') })).rejects.toMatchObject({ reason: 'damaged', message: expect.stringMatching(/cut short/) as string });
    expect(await readdir(join(folder, 'packages'))).toEqual([]);
  });
});
