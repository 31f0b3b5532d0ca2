/** A package laid out as a folder with HLS, for tools that know nothing of packages. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vodPlaylistChunks, writeMasterPlaylist, writeMediaPlaylist } from '#protocol/playlist';
import { chunkPath, type MediaPackage } from '../media-package.ts';

/** @returns path of the multivariant playlist. Each stream has a folder by its number, as on a server. */
export async function copyAsHls(pack: MediaPackage, folder: string): Promise<string> {
  const streams = pack.streams.map(({ facts, chunks }) => ({ ...facts, durationsUs: chunks.map((chunk) => chunk.durationUs) }));
  for (const [at, stream] of streams.entries()) {
    const own = join(folder, String(stream.id));
    await mkdir(own, { recursive: true });
    if (stream.init) await writeFile(join(own, 'init.mp4'), Buffer.from(stream.init, 'base64'));
    await writeFile(join(own, 'playlist.m3u8'), writeMediaPlaylist(stream, vodPlaylistChunks(stream), true));
    for (const index of stream.durationsUs.keys()) await copyFile(chunkPath(pack, pack.streams[at]!, index), join(own, `${index}.${stream.extension}`));
  }
  const master = join(folder, 'master.m3u8');
  await writeFile(master, writeMasterPlaylist({ version: 1, publicKey: '', title: 'A', kind: 'vod', pieceBytes: 16384, windowChunks: 0, streams }));
  return master;
}
