/** Draws the /host page; a part of its own, so that nobody who only watches loads it. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { HostingMemory } from '#browser/hosting/hosting-memory';
import { exposeHost } from '../debug-handle.ts';
import { PageShell } from '../shell/PageShell.tsx';
import type { ThemeStore } from '../shell/theme.ts';
import { HostDesk } from './host-desk.ts';
import { HostPage } from './HostPage.tsx';

export function renderHost(root: HTMLElement, { serverUrl, theme }: { readonly serverUrl: string; readonly theme: ThemeStore }): void {
  const desk = new HostDesk({ serverUrl, memory: new HostingMemory(), window });
  exposeHost(window, () => desk.hosting?.getSnapshot() ?? null);
  createRoot(root).render(<StrictMode><PageShell theme={theme}><HostPage desk={desk} serverUrl={serverUrl} /></PageShell></StrictMode>);
}
