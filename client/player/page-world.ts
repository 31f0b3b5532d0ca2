/** What every page's composition root hands on: the host's things, in one place so that two roots make them alike. */
import { createThemeStore, type ThemeStore } from './shell/theme.ts';
import { createLocalMemory, type LocalMemory } from './store/local-memory.ts';

export interface PageWorld {
  readonly root: HTMLElement;
  readonly memory: LocalMemory;
  readonly theme: ThemeStore;
  readonly serverUrl: string;
  /** Calls `action` once after `ms`; the result cancels. */
  readonly after: (ms: number, action: () => void) => () => void;
}

/** @throws Error when the document lacks the element that pages are drawn into. */
export function pageWorld(window: Window): PageWorld {
  const root = window.document.getElementById('root');
  if (root === null) throw new Error('The page has no element with the id "root".');
  const memory = createLocalMemory(() => window.localStorage);
  return {
    root,
    memory,
    theme: createThemeStore(window.document.documentElement, memory),
    serverUrl: window.location.origin,
    after: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
  };
}
