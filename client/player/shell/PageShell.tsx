/** The frame of every page but the embedded player: skip link, header, the page itself, footer. */
import type { ReactNode } from 'react';
import { BrandMark } from './BrandMark.tsx';
import './shell.css';
import type { ThemeStore } from './theme.ts';
import { ThemeSwitch } from './ThemeSwitch.tsx';

export interface PageShellProps {
  readonly theme: ThemeStore;
  readonly children: ReactNode;
}

export function PageShell({ theme, children }: PageShellProps) {
  return (
    <div className="shell">
      <a className="shell__skip" href="#main">Skip to content</a>
      <header className="shell__header">
        <a className="shell__brand" href="/"><BrandMark />Tributary</a>
        <ThemeSwitch store={theme} />
      </header>
      <main className="shell__main" id="main" tabIndex={-1}>{children}</main>
      <footer className="shell__footer">
        Everybody who watches passes on what they have just received. That is how one copy can serve them all.
      </footer>
    </div>
  );
}
