/** What every Clock, Random, ChunkStore and Hasher keeps to, told to adapters and fakes alike. */
import { describe, expect, it } from 'vitest';
import { chunkIndex, streamId } from '#protocol/ids';
import { leafInput } from '#protocol/merkle';
import type { ChunkStore, Clock, Hasher, Random } from '../ports.ts';

/** @param pass lets at least that much time go by */
export function describeClock(name: string, create: () => { readonly clock: Clock; readonly pass: (ms: number) => Promise<void> }): void {
  describe(`${name} keeps the contract of Clock`, () => {
    it('runs a timer once, not before its time and not inside the call', async () => {
      const { clock, pass } = create();
      const setMs = clock.nowMs();
      const ranMs: number[] = [];
      clock.after(20, () => ranMs.push(clock.nowMs()));
      expect(ranMs).toEqual([]);
      await pass(20);
      await pass(40);
      expect(ranMs).toHaveLength(1);
      // Hosts round their timers to whole milliseconds.
      expect(ranMs[0]! - setMs).toBeGreaterThanOrEqual(19);
    });

    it('runs no cancelled timer, and cancels twice without harm', async () => {
      const { clock, pass } = create();
      let runs = 0;
      const cancel = clock.after(5, () => runs++);
      cancel();
      cancel();
      await pass(20);
      expect(runs).toBe(0);
    });
  });
}

export function describeRandom(name: string, create: () => Random): void {
  describe(`${name} keeps the contract of Random`, () => {
    it('stays in [0, 1) and gives equal forks for equal labels only', () => {
      const random = create();
      for (let draw = 0; draw < 1000; draw++) {
        const value = random.next();
        expect(value >= 0 && value < 1).toBe(true);
      }
      expect(random.fork('a').next()).toBe(random.fork('a').next());
      expect(random.fork('a').next()).not.toBe(random.fork('b').next());
    });
  });
}

export function describeChunkStore(name: string, create: () => ChunkStore): void {
  describe(`${name} keeps the contract of ChunkStore`, () => {
    it('gives back what was put, by stream and chunk, until it is deleted', () => {
      const store = create();
      const bytes = Uint8Array.of(1, 2, 3);
      store.put(streamId(1), chunkIndex(7), bytes);
      store.put(streamId(255), chunkIndex(0xffff_ffff), Uint8Array.of(9));
      expect(store.get(streamId(1), chunkIndex(7))).toEqual(bytes);
      expect(store.get(streamId(255), chunkIndex(0xffff_ffff))).toEqual(Uint8Array.of(9));
      expect(store.get(streamId(7), chunkIndex(1))).toBeUndefined();
      store.delete(streamId(1), chunkIndex(7));
      store.delete(streamId(1), chunkIndex(7));
      expect(store.get(streamId(1), chunkIndex(7))).toBeUndefined();
      expect(store.get(streamId(255), chunkIndex(0xffff_ffff))).toEqual(Uint8Array.of(9));
    });
  });
}

const fromHex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** RFC 8032, section 7.1, test 2. */
const KEY = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
const MESSAGE = fromHex('72');
const SIGNATURE = fromHex(
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
);

export function describeHasher(name: string, create: () => Hasher): void {
  describe(`${name} keeps the contract of Hasher`, () => {
    const verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> =>
      new Promise((resolve) => create().verify(key, message, signature, resolve));

    it('knows SHA-256 of "abc" (FIPS 180-4)', () => {
      const digest = create().digest(Uint8Array.of(0x61, 0x62, 0x63));
      expect(toHex(digest)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    });

    it('hashes a piece as a leaf, whatever part of a buffer it is', async () => {
      const hasher = create();
      const buffer = Uint8Array.from({ length: 20_000 }, (_, at) => at & 0xff);
      for (const piece of [buffer.subarray(100, 100 + 16_384), buffer.subarray(0, 1)]) {
        const digest = await new Promise<Uint8Array>((resolve) => hasher.hashPiece(piece, resolve));
        expect(toHex(digest)).toBe(toHex(hasher.digest(leafInput(piece))));
      }
    });

    it('accepts a valid signature (RFC 8032)', async () => {
      expect(await verify(KEY, MESSAGE, SIGNATURE)).toBe(true);
      const padded = new Uint8Array(200);
      padded.set(SIGNATURE, 50);
      expect(await verify(KEY, MESSAGE, padded.subarray(50, 114))).toBe(true);
    });

    it('refuses a flipped bit in key, message or signature', async () => {
      const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(await verify(flip(KEY, 3), MESSAGE, SIGNATURE)).toBe(false);
      expect(await verify(KEY, flip(MESSAGE, 0), SIGNATURE)).toBe(false);
      expect(await verify(KEY, MESSAGE, flip(SIGNATURE, 40))).toBe(false);
    });

    it('refuses malformed keys and signatures without an exception, and works on', async () => {
      const hasher = create();
      const check = (key: Uint8Array, signature: Uint8Array): Promise<boolean> =>
        new Promise((resolve) => hasher.verify(key, MESSAGE, signature, resolve));
      expect(await check(new Uint8Array(31), SIGNATURE)).toBe(false);
      expect(await check(new Uint8Array(32).fill(0xff), SIGNATURE)).toBe(false);
      expect(await check(KEY, new Uint8Array(63))).toBe(false);
      expect(await check(KEY, new Uint8Array(64).fill(0xff))).toBe(false);
      expect(await check(KEY, SIGNATURE)).toBe(true);
    });
  });
}
