/** One button that goes round light, dark and the system's own; it says what is chosen now. */
import { useStore } from '../store/use-store.ts';
import { nextTheme, type Theme, type ThemeStore } from './theme.ts';

const NAMES: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

function ThemeIcon({ theme }: { readonly theme: Theme }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true">
      {theme === 'dark' && <path d="M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5Z" strokeLinejoin="round" />}
      {theme === 'light' && <path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" />}
      {theme === 'light' && <circle cx="12" cy="12" r="3.8" />}
      {theme === 'system' && <circle cx="12" cy="12" r="7.5" />}
      {theme === 'system' && <path d="M12 4.5a7.5 7.5 0 0 1 0 15Z" fill="currentColor" />}
    </svg>
  );
}

export function ThemeSwitch({ store }: { readonly store: ThemeStore }) {
  const theme = useStore(store, (state) => state);
  return (
    <button type="button" className="button theme-switch" onClick={() => store.set(nextTheme(theme))}>
      <ThemeIcon theme={theme} />
      <span><span className="visually-hidden">Colours: </span>{NAMES[theme]}</span>
    </button>
  );
}
