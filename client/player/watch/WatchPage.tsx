/** A channel and everything around it: picture, title, what comes from whom, the switch, and the figures folded away. */
import { lazy, Suspense, useState } from 'react';
import { importAgain } from '#browser/import-again';
import { paths } from '#protocol/paths';
import type { ChannelId } from '#protocol/ids';
import type { ConsentStore } from '../consent/consent-store.ts';
import { usePageTitle } from '../shell/use-page-title.ts';
import { useViewer } from '../store/use-viewer.ts';
import { ConsentNotice } from './ConsentNotice.tsx';
import { P2pSwitch } from './P2pSwitch.tsx';
import { Player } from './Player.tsx';
import { QualityPicker } from './QualityPicker.tsx';
import { ShareChip } from './ShareChip.tsx';
import { ShareLink } from './ShareLink.tsx';
import type { TrackChoice } from './track-choice.ts';
import './watch.css';

const StatsPanel = lazy(async () => ({ default: (await importAgain(() => import('../stats/StatsPanel.tsx'))).StatsPanel }));

export interface WatchPageProps {
  readonly channel: ChannelId;
  readonly video: HTMLVideoElement;
  readonly consent: ConsentStore;
  readonly tracks: TrackChoice;
  /** Of this server, without a slash at its end: what shared links start with. */
  readonly serverUrl: string;
}

function Stats() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="stats-fold" data-testid="stats" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary data-testid="stats-toggle">Stats for nerds</summary>
      {isOpen && <Suspense fallback={<p>Loading…</p>}><StatsPanel /></Suspense>}
    </details>
  );
}

export function WatchPage({ channel, video, consent, tracks, serverUrl }: WatchPageProps) {
  const title = useViewer((state) => state.title);
  const kind = useViewer((state) => state.kind);
  // A channel that never opened has nothing to show, to switch or to share.
  const isLost = useViewer((state) => state.status === 'failed' && state.title === null);
  usePageTitle(title);
  return (
    <div className="watch">
      <Player video={video} channel={channel} tracks={tracks} />
      {isLost ? (
        <h1 className="visually-hidden">Channel</h1>
      ) : (
        <>
          <ConsentNotice consent={consent} whereToChange="You can change this at any time below." />
          <div className="watch__head">
            <div className="watch__title">
              {kind === 'live' && <span className="badge badge--live">Live</span>}
              <h1 dir="auto">{title ?? <span className="watch__untitled">Opening the channel…</span>}</h1>
            </div>
            <ShareChip />
          </div>
          <div className="watch__tools">
            <P2pSwitch consent={consent} />
            <div className="watch__buttons">
              <QualityPicker />
              <ShareLink link={serverUrl + paths.watch(channel)} />
            </div>
          </div>
          <Stats />
        </>
      )}
    </div>
  );
}
