/**
 * Light, dark, or as the system has it. The choice is an attribute of the document's root, which the colour tokens look
 * at; it is remembered where the browser lets us.
 */
import type { LocalMemory } from '../store/local-memory.ts';
import type { Store } from '../store/store.ts';

export type Theme = 'system' | 'light' | 'dark';

export interface ThemeStore extends Store<Theme> {
  set(theme: Theme): void;
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

/** The order in which the switch goes round. */
export const nextTheme = (theme: Theme): Theme => NEXT[theme];

export const parseTheme = (text: string | null): Theme => (text === 'light' || text === 'dark' ? text : 'system');

export function createThemeStore(root: Pick<HTMLElement, 'dataset'>, memory: LocalMemory): ThemeStore {
  let theme = parseTheme(memory.read('theme'));
  const listeners = new Set<() => void>();
  const show = (): void => {
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  show();
  return {
    getSnapshot: () => theme,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      theme = next;
      show();
      if (next === 'system') memory.forget('theme');
      else memory.write('theme', next);
      for (const listener of listeners) listener();
    },
  };
}
