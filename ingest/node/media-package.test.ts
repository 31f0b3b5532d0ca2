import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leafInput, merkleRoot } from '#protocol/merkle';
import { asWriteError } from '../ingest-error.ts';
import { chunkPath, openPackage, PackageWriter, removeUnfinished } from './media-package.ts';
import { packageFile } from './package-file.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeClip } from '../testing/synthetic-clip.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

describe('a package', () => {
  it('holds every chunk under the root of its pieces, and opens again as it was', async () => {
    const folder = await temporaryFolder();
    const clip = await writeClip(join(folder, 'a.mp4'), { seconds: 6, bytesPerFrame: 2000 });
    const pack = await packageFile(clip, 'once', { root: folder });
    const opened = await openPackage(folder, pack.id);
    expect(opened!.streams[0]!.facts).toEqual(pack.streams[0]!.facts);
    expect(opened!.streams[0]!.chunks).toHaveLength(3);
    for (const [n, chunk] of opened!.streams[0]!.chunks.entries()) {
      const bytes = await readFile(chunkPath(pack, pack.streams[0]!, n));
      expect(bytes.length).toBe(chunk.bytes);
      const leaves = [];
      for (let at = 0; at < bytes.length; at += 16_384) leaves.push(sha256(leafInput(bytes.subarray(at, at + 16_384))));
      expect(leaves.length).toBeGreaterThan(3);
      expect(Buffer.from(chunk.hashes).equals(Buffer.concat(leaves))).toBe(true);
      expect(Buffer.from(chunk.root).equals(merkleRoot(Buffer.concat(leaves), sha256))).toBe(true);
    }
  });

  it('says what players need to know', async () => {
    const folder = await temporaryFolder();
    const { streams } = await packageFile(await writeClip(join(folder, 'a.mp4'), { seconds: 6 }), 'once', { root: folder });
    expect(streams[0]!.facts).toMatchObject({ kind: 'muxed', codecs: 'avc1.64001e,mp4a.40.2', width: 854, height: 480, extension: 'm4s' });
    expect(streams[0]!.facts.frameRate).toBeCloseTo(25, 0);
    expect(streams[0]!.facts.bandwidth).toBeGreaterThanOrEqual(streams[0]!.facts.averageBandwidth);
    expect(streams[0]!.facts.targetDurationSeconds).toBe(Math.ceil(Math.max(...streams[0]!.chunks.map(({ durationUs }) => durationUs)) / 1e6));
  });

  it('is the same for the same content, and made once', async () => {
    const folder = await temporaryFolder();
    const clip = await writeClip(join(folder, 'a.mp4'), { seconds: 4 });
    const [first, second] = [await packageFile(clip, 'once', { root: folder }), await packageFile(clip, 'loop', { root: folder })];
    expect(second.id).toBe(first.id);
    expect((await readdir(folder)).filter((name) => name !== 'a.mp4')).toEqual([first.id]);
  });

  it('does not exist before it is whole, and leaves nothing when it fails', async () => {
    const root = await temporaryFolder();
    const writer = await PackageWriter.create(root);
    await writer.addChunk(0, 'm4s', { startUs: 0, durationUs: 1, bytes: new Uint8Array(10) });
    const names = await readdir(root);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^\.tmp-/);
    expect(await openPackage(root, names[0]!)).toBeUndefined();
    await writer.discard();
    expect(await readdir(root)).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('on a full disk fails with a sentence', async () => {
    const root = await temporaryFolder();
    const writer = await PackageWriter.create(root);
    const chunk = { startUs: 0, durationUs: 1, bytes: new Uint8Array(10) };
    await writer.addChunk(0, 'm4s', chunk);
    const [temporary] = await readdir(root);
    await symlink('/dev/full', join(root, temporary!, '0', '1.m4s'));
    await writer.addChunk(0, 'm4s', chunk);
    await expect(writer.finish([])).rejects.toMatchObject({ reason: 'diskFull', message: expect.stringMatching(/is full/) as string });
  });

  it('left unfinished by a process that is gone is cleared away, one of a running process is not', async () => {
    const root = await temporaryFolder();
    // No process has this number: it is beyond the largest that Linux gives (2^22).
    for (const name of ['.tmp-4999999-aaaa', `.tmp-${process.ppid}-bbbb`, 'whole']) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'x'), 'x');
    }
    await removeUnfinished(root);
    expect((await readdir(root)).sort()).toEqual([`.tmp-${process.ppid}-bbbb`, 'whole']);
  });
});

describe('a failure to write', () => {
  it.each([
    ['ENOSPC', 'diskFull'],
    ['EDQUOT', 'diskFull'],
    ['EACCES', 'unwritable'],
    ['EROFS', 'unwritable'],
    ['ENOTDIR', 'unwritable'],
  ])('%s is %s', (code, reason) => {
    expect(asWriteError(Object.assign(new Error('x'), { code }), '/data')).toMatchObject({ reason });
  });

  it('of another kind stays what it is', () => {
    const error = new Error('x');
    expect(asWriteError(error, '/data')).toBe(error);
  });
});
