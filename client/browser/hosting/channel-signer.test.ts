import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { openDescription, type OpenedDescription } from '#engine/channel-key';
import { descriptionOf, recordOf } from '#protocol/testing/channel';
import { recordSigningBytes } from '#protocol/record';
import { WebHasher } from '../web-hasher.ts';
import { ChannelSigner, createKey } from './channel-signer.ts';

describe.each([
  ['WebCrypto', () => createKey()],
  ['a page without it', () => createKey(null)],
])('a channel key made by %s', (name, create) => {
  it('signs descriptions and records that every viewer believes', async () => {
    const key = await create();
    expect(key.kind).toBe(name === 'WebCrypto' ? 'webcrypto' : 'seed');
    const signer = new ChannelSigner(key);
    const { publicKey: _other, ...description } = descriptionOf();
    const signed = await signer.signDescription(description);
    const opened = await new Promise<OpenedDescription>((resolve) => openDescription(signer.id, signed, new WebHasher(), { onDone: resolve }));
    expect(opened).toMatchObject({ ok: true, description: { title: description.title } });
    const { record, signature } = await signer.signRecord(recordOf());
    expect(ed25519.verify(signature, recordSigningBytes(signer.id, record), signer.publicKey)).toBe(true);
    expect(ed25519.verify(signature, recordSigningBytes(signer.id, { ...record, bytes: record.bytes + 1 }), signer.publicKey)).toBe(false);
  });

  it('is another one each time', async () => {
    expect(new ChannelSigner(await create()).id).not.toBe(new ChannelSigner(await create()).id);
  });
});
