import { describe, expect, it } from 'vitest';
import { importAgain } from './import-again.ts';

/** An import that fails with `failures`, one after the other, and then succeeds. */
function importing(...failures: readonly Error[]): { load: () => Promise<string>; readonly pausesMs: number[]; wait: (ms: number) => Promise<void> } {
  const left = [...failures];
  const pausesMs: number[] = [];
  return {
    load: () => {
      const failure = left.shift();
      return failure === undefined ? Promise.resolve('module') : Promise.reject(failure);
    },
    pausesMs,
    wait: (ms) => Promise.resolve(void pausesMs.push(ms)),
  };
}

const chromium = new TypeError('Failed to fetch dynamically imported module: http://localhost/assets/a.js');
const firefox = new TypeError('error loading dynamically imported module: http://localhost/assets/a.js');
const safari = new TypeError('Importing a module script failed.');
const styleSheet = new Error('Unable to preload CSS for /assets/a.css');

describe('an import while the server is out of reach', () => {
  it('waits for nothing when the file is there', async () => {
    const { load, wait, pausesMs } = importing();
    expect(await importAgain(load, wait)).toBe('module');
    expect(pausesMs).toEqual([]);
  });

  it('is tried again after growing pauses, whatever the browser calls it', async () => {
    const { load, wait, pausesMs } = importing(chromium, firefox, safari, styleSheet, chromium, chromium);
    expect(await importAgain(load, wait)).toBe('module');
    expect(pausesMs).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  it('is given up when the module itself throws', async () => {
    const fault = new TypeError('customElements is undefined');
    const { load, wait } = importing(chromium, fault);
    await expect(importAgain(load, wait)).rejects.toBe(fault);
  });
});
