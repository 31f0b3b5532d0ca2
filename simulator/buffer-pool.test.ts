import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

describe('a pool of buffers', () => {
  it('lends again what came back, at the length that is asked for', () => {
    const pool = new BufferPool(1024);
    const first = pool.lend(5_000);
    first.fill(7);
    pool.takeBack(first);
    const second = pool.lend(4_900);
    expect(second.length).toBe(4_900);
    expect(second.buffer).toBe(first.buffer);
  });

  it('lends nothing twice at a time', () => {
    const pool = new BufferPool(1024);
    const lent = Array.from({ length: 50 }, () => pool.lend(2_000));
    for (const bytes of lent) pool.takeBack(bytes);
    const again = Array.from({ length: 60 }, () => pool.lend(2_000).buffer);
    expect(new Set(again).size).toBe(60);
  });

  it('leaves alone what it did not lend, whatever its length', () => {
    const pool = new BufferPool(1024);
    for (const bytes of [new Uint8Array(2_048), pool.lend(2_000).slice(), pool.lend(100)]) {
      pool.takeBack(bytes);
      expect(pool.lend(bytes.length).buffer).not.toBe(bytes.buffer);
    }
  });
});
