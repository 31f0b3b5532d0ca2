// The theme switch: goes round, shows at once, remembers, and asks the system again when told to.
import { describe, expect, it } from 'vitest';
import type { LocalMemory } from '../store/local-memory.ts';
import { createThemeStore, nextTheme, parseTheme } from './theme.ts';

describe('theme', () => {
  it('goes round', () => expect(nextTheme(nextTheme(nextTheme('system')))).toBe('system'));
  it.each([null, '', 'dim'])('takes %s for the system’s own', (text) => expect(parseTheme(text)).toBe('system'));

  it('shows what is remembered and remembers what is set', () => {
    const kept = new Map([['theme', 'dark']]);
    const memory: LocalMemory = {
      read: (name) => kept.get(name) ?? null,
      write: (name, value) => void kept.set(name, value),
      forget: (name) => void kept.delete(name),
    };
    const root = { dataset: {} as DOMStringMap };
    const store = createThemeStore(root, memory);
    expect(root.dataset.theme).toBe('dark');
    store.set('light');
    expect([root.dataset.theme, kept.get('theme')]).toEqual(['light', 'light']);
    store.set('system');
    expect([root.dataset.theme, kept.get('theme')]).toEqual([undefined, undefined]);
  });
});
