/**
 * A channel's private key in a file of its own: PKCS #8 in PEM (RFC 5958, RFC 8410), as `openssl genpkey -algorithm
 * ed25519` writes it. Whoever has the file is the channel, so it is made for its owner alone.
 */
import { createPrivateKey } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { createSeed, privateKeyOf, SEED_BYTES } from '#ingest/node/channel-key';
import { systemCode } from '#ingest/ingest-error';

export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** @returns the seed in the file; a new one, written there, where there was no file. @throws KeyFileError with one sentence. */
export async function readOrMakeKey(path: string): Promise<Uint8Array> {
  try {
    const pem = await readFile(path, 'utf8');
    await requirePrivate(path);
    return seedOf(path, pem);
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    if (systemCode(error) !== 'ENOENT') throw new KeyFileError(`The key file ${path} cannot be read (${systemCode(error) ?? 'unknown reason'}).`, { cause: error });
  }
  const seed = createSeed();
  try {
    await writeWhole(path, privateKeyOf(seed).export({ format: 'pem', type: 'pkcs8' }) as string);
  } catch (error) {
    throw new KeyFileError(`The key file ${path} cannot be written (${systemCode(error) ?? 'unknown reason'}).`, { cause: error });
  }
  return seed;
}

function seedOf(path: string, pem: string): Uint8Array {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return Uint8Array.from(key.export({ format: 'der', type: 'pkcs8' }).subarray(-SEED_BYTES));
  } catch {
    // Said below: whatever it is, it is no key of a channel.
  }
  throw new KeyFileError(`${path} holds no key of a channel: a private Ed25519 key in PEM is needed; name a file that is not there to have one made.`);
}

async function requirePrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new KeyFileError(`Others can read the key file ${path}: run chmod 600 on it first.`);
}

/** A key that was cut short by a crash would be a channel lost: the file appears under its name when all of it is there. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    // Unlike rename this never replaces a key that another process has just made.
    await link(temporary, path);
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}
