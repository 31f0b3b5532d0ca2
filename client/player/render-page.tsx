/** Draws the pages that have no viewer: the list of channels, and the two ways of having come to the wrong place. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createChannelFeed } from './list/channel-feed.ts';
import { ChannelsPage } from './list/ChannelsPage.tsx';
import { loadChannels } from './list/load-channels.ts';
import { NotFoundPage } from './shell/NotFoundPage.tsx';
import { PageShell } from './shell/PageShell.tsx';
import type { ThemeStore } from './shell/theme.ts';
import { LostPage } from './watch/LostPage.tsx';

export interface PageParts {
  readonly page: 'channels' | 'notFound' | 'lost';
  readonly serverUrl: string;
  readonly theme: ThemeStore;
  readonly after: (ms: number, action: () => void) => () => void;
}

export function renderPage(root: HTMLElement, { page, serverUrl, theme, after }: PageParts): void {
  const pages = {
    channels: () => <ChannelsPage feed={createChannelFeed({ load: () => loadChannels(serverUrl), after })} />,
    notFound: () => <NotFoundPage />,
    lost: () => <LostPage />,
  };
  createRoot(root).render(<StrictMode><PageShell theme={theme}>{pages[page]()}</PageShell></StrictMode>);
}
