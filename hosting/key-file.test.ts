import { generateKeyPairSync } from 'node:crypto';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#ingest/testing/temporary-folder';
import { readOrMakeKey } from './key-file.ts';

describe('a key file', () => {
  it('is made once, for its owner alone, and read ever after', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'channel.key');
    const made = await readOrMakeKey(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['channel.key']);
    expect(await readOrMakeKey(path)).toEqual(Uint8Array.from(made));
    expect(await readOrMakeKey(join(folder, 'other.key'))).not.toEqual(Uint8Array.from(made));
  });

  it('may as well come from OpenSSL', async () => {
    const path = join(await temporaryFolder(), 'openssl.pem');
    await writeFile(path, '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n', { mode: 0o600 });
    // The seed of RFC 8032, section 7.1, test 1.
    expect(Buffer.from(await readOrMakeKey(path)).toString('hex')).toBe('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
  });

  it.each([
    ['others can read', 0o644, '', /chmod 600/],
    ['holds something else', 0o600, 'Once upon a time.', /holds no key of a channel/],
    ['is empty', 0o600, '', /holds no key of a channel/],
  ])('that %s is refused with a sentence', async (_, mode, text, sentence) => {
    const path = join(await temporaryFolder(), 'k');
    await writeFile(path, text);
    await chmod(path, mode);
    await expect(readOrMakeKey(path)).rejects.toMatchObject({ name: 'KeyFileError', message: expect.stringMatching(sentence) as string });
  });

  it('that cannot be made or read says so', async () => {
    const folder = await temporaryFolder();
    await expect(readOrMakeKey(join(folder, 'no/such/folder/k'))).rejects.toThrow(/cannot be written/);
    await expect(readOrMakeKey(folder)).rejects.toThrow(/cannot be read/);
  });

  it('of another kind of key is refused', async () => {
    const path = join(await temporaryFolder(), 'rsa.pem');
    await writeFile(path, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    await expect(readOrMakeKey(path)).rejects.toThrow(/private Ed25519 key/);
  });
});
