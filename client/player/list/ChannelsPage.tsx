/** The first page: every channel of this server, refreshed by itself while the page can be seen. */
import { useEffect } from 'react';
import { countOf } from '../format/shares.ts';
import { usePageTitle } from '../shell/use-page-title.ts';
import { useStore } from '../store/use-store.ts';
import { ChannelCard } from './ChannelCard.tsx';
import type { ChannelFeed, ChannelFeedState } from './channel-feed.ts';
import './list.css';

function summary({ channels, isFailing }: ChannelFeedState): string {
  if (channels === null) return isFailing ? '' : 'Looking for channels…';
  const viewers = channels.reduce((sum, channel) => sum + channel.viewers, 0);
  return `${countOf(channels.length, 'channel')}, ${viewers === 0 ? 'nobody watching yet' : `${countOf(viewers, 'viewer')} now`}`;
}

function ChannelGrid({ channels }: { readonly channels: ChannelFeedState['channels'] }) {
  if (channels === null) {
    return (
      <ul className="channel-grid" aria-hidden="true">
        {[0, 1, 2].map((at) => <li key={at} className="channel-card channel-card--ghost"><span /></li>)}
      </ul>
    );
  }
  if (channels.length === 0) {
    return (
      <div className="channels-empty">
        <h2>No channels yet</h2>
        <p>Start the server with a film to share one, and it appears here by itself:</p>
        <pre tabIndex={0} aria-label="Command"><code>npm start -- --vod "My film=film.mp4"</code></pre>
      </div>
    );
  }
  return <ul className="channel-grid">{channels.map((channel) => <ChannelCard key={channel.id} channel={channel} />)}</ul>;
}

export function ChannelsPage({ feed }: { readonly feed: ChannelFeed }) {
  const state = useStore(feed, (now) => now);
  useEffect(() => {
    const follow = (): void => (document.hidden ? feed.stop() : feed.start());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      feed.stop();
    };
  }, [feed]);
  usePageTitle('Channels');
  const isBlank = state.channels === null && state.isFailing;
  return (
    <>
      <div className="channels-head">
        <h1>Channels</h1>
        <p className="tabular">{summary(state)}</p>
        <a className="button channels-head__host" href="/host">Host a channel</a>
      </div>
      <div role="status" data-testid="status">
        {state.isFailing && (
          <p className="channels-failing">
            The server cannot be reached. {isBlank ? 'Channels appear as soon as it answers' : 'This list may be out of date'}; trying again by itself.
          </p>
        )}
      </div>
      {!isBlank && <ChannelGrid channels={state.channels} />}
    </>
  );
}
