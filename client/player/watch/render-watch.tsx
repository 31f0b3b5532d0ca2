/** Draws the watch page or the embedded player around a viewer that is already at work. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ChannelId } from '#protocol/ids';
import type { ConsentStore } from '../consent/consent-store.ts';
import { PageShell } from '../shell/PageShell.tsx';
import type { ThemeStore } from '../shell/theme.ts';
import { ViewerContext, type PageViewer } from '../store/use-viewer.ts';
import { EmbedPage } from './EmbedPage.tsx';
import type { TrackChoice } from './track-choice.ts';
import { WatchPage } from './WatchPage.tsx';

export interface WatchParts {
  readonly page: 'watch' | 'embed';
  readonly channel: ChannelId;
  readonly serverUrl: string;
  readonly viewer: PageViewer;
  readonly video: HTMLVideoElement;
  readonly consent: ConsentStore;
  readonly tracks: TrackChoice;
  readonly theme: ThemeStore;
}

export function renderWatch(root: HTMLElement, parts: WatchParts): void {
  const { page, channel, serverUrl, viewer, video, consent, tracks, theme } = parts;
  createRoot(root).render(
    <StrictMode>
      <ViewerContext value={viewer}>
        {page === 'embed' ? (
          <EmbedPage channel={channel} video={video} consent={consent} tracks={tracks} />
        ) : (
          <PageShell theme={theme}>
            <WatchPage channel={channel} video={video} consent={consent} tracks={tracks} serverUrl={serverUrl} />
          </PageShell>
        )}
      </ViewerContext>
    </StrictMode>,
  );
}
