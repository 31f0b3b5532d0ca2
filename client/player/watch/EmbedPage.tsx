/** The player alone, for other people's pages. The notice, where it is due, lies over the top of the picture. */
import type { ChannelId } from '#protocol/ids';
import { paths } from '#protocol/paths';
import type { ConsentStore } from '../consent/consent-store.ts';
import { usePageTitle } from '../shell/use-page-title.ts';
import { useViewer } from '../store/use-viewer.ts';
import { ConsentNotice } from './ConsentNotice.tsx';
import { Player } from './Player.tsx';
import type { TrackChoice } from './track-choice.ts';
import './watch.css';

export interface EmbedPageProps {
  readonly channel: ChannelId;
  readonly video: HTMLVideoElement;
  readonly consent: ConsentStore;
  readonly tracks: TrackChoice;
}

export function EmbedPage({ channel, video, consent, tracks }: EmbedPageProps) {
  const title = useViewer((state) => state.title);
  usePageTitle(title);
  return (
    <main className="embed">
      <h1 className="visually-hidden" dir="auto">{title ?? 'Opening the channel…'}</h1>
      <Player video={video} channel={channel} tracks={tracks} />
      <ConsentNotice
        consent={consent}
        whereToChange={<>You can change this on <a href={paths.watch(channel)} target="_blank" rel="noopener">the channel’s own page</a>.</>}
      />
    </main>
  );
}
