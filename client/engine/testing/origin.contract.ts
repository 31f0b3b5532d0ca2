/** What every Origin keeps to, told to adapters and fakes alike. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkIndex, streamId } from '#protocol/ids';
import type { LogEntry } from '#protocol/record';
import type { Origin, OriginFailure } from '../ports.ts';

export interface OriginHost {
  readonly origin: Origin;
  /** What the seeder holds: chunk 3 of stream 1, these bytes, and entries of chunks 3 and 4. */
  readonly chunk: Uint8Array;
  readonly entries: readonly LogEntry[];
  /** From now on the seeder answers nothing at all. */
  fall(): Promise<void>;
  close(): Promise<void>;
}

export interface Transferred {
  readonly bytes: Uint8Array;
  readonly end: 'end' | OriginFailure;
}

const STREAM = streamId(1);
const CHUNK = chunkIndex(3);

/** Runs a transfer to its end. */
export function transfer(origin: Origin, firstByte: number, lastByte: number, chunk = CHUNK): Promise<Transferred> {
  return new Promise((resolve) => {
    const parts: number[] = [];
    const over = (end: Transferred['end']): void => resolve({ bytes: Uint8Array.from(parts), end });
    origin.fetchChunk(STREAM, chunk, firstByte, lastByte, {
      onBytes: (bytes) => {
        for (const byte of bytes) parts.push(byte);
      },
      onEnd: () => over('end'),
      onFailed: over,
    });
  });
}

export function describeOrigin(name: string, open: () => Promise<OriginHost>): void {
  describe(`${name} keeps the contract of Origin`, () => {
    let host: OriginHost;
    beforeEach(async () => {
      host = await open();
    });
    afterEach(() => host.close());

    it('brings exactly the bytes asked for: the whole, the middle, the last, a single one', async () => {
      const last = host.chunk.length - 1;
      for (const [from, to] of [[0, last], [100, 20_000], [last - 10, last], [0, 0], [7, 7]] as const) {
        expect(await transfer(host.origin, from, to)).toEqual({ bytes: host.chunk.slice(from, to + 1), end: 'end' });
      }
    });

    it('says gone for a chunk that the seeder does not have', async () => {
      expect(await transfer(host.origin, 0, 10, chunkIndex(99))).toEqual({ bytes: new Uint8Array(0), end: 'gone' });
    });

    it('says unreachable, not gone, when nothing answers', async () => {
      await host.fall();
      expect((await transfer(host.origin, 0, 10)).end).toBe('unreachable');
      const failure = await new Promise<OriginFailure>((resolve) => {
        host.origin.fetchRecords(STREAM, CHUNK, 2, () => undefined, resolve);
      });
      expect(failure).toBe('unreachable');
    });

    it('brings log entries from an index and the newest ones', async () => {
      const ask = (first: Parameters<Origin['fetchRecords']>[1], count: number): Promise<readonly LogEntry[]> =>
        new Promise((resolve, reject) => {
          host.origin.fetchRecords(STREAM, first, count, resolve, (failure) => reject(new Error(failure)));
        });
      expect(await ask(CHUNK, 2)).toEqual(host.entries);
      expect(await ask('newest', 1)).toEqual(host.entries.slice(-1));
    });

    it('calls nothing back after it was cancelled, and not from inside the call', async () => {
      const called: string[] = [];
      const listener = { onBytes: () => called.push('bytes'), onEnd: () => called.push('end'), onFailed: () => called.push('failed') };
      const cancel = host.origin.fetchChunk(STREAM, CHUNK, 0, 10, listener);
      const cancelRecords = host.origin.fetchRecords(STREAM, CHUNK, 1, () => called.push('records'), () => called.push('failed'));
      expect(called).toEqual([]);
      cancel();
      cancel();
      cancelRecords();
      await transfer(host.origin, 0, 10); // A later transfer has run to its end: the cancelled one would have, too.
      expect(called).toEqual([]);
    });
  });
}
