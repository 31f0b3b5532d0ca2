// The pages as markup: text from outside stays text, and what people and tests look for is there under its name.
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { parseChannelId } from '#protocol/ids';
import { describe, expect, it } from 'vitest';
import { createConsentStore } from '../consent/consent-store.ts';
import { ChannelCard } from '../list/ChannelCard.tsx';
import { StatsPanel } from '../stats/StatsPanel.tsx';
import { ViewerContext } from '../store/use-viewer.ts';
import { chunk, neighbour, scriptedViewer, snapshot, watchSnapshot } from '../testing/scripted-viewer.ts';
import { createTrackChoice } from './track-choice.ts';
import { WatchPage } from './WatchPage.tsx';

const CHANNEL = parseChannelId('k4qz7w2mfx5pbd3ythrn6vjcl2aegs5o');
const HOSTILE = '<img src=x onerror=alert(1)>';
const ESCAPED = '&lt;img src=x onerror=alert(1)&gt;';

const draw = (state: Parameters<typeof scriptedViewer>[0], children: ReactNode): string =>
  renderToStaticMarkup(<ViewerContext value={scriptedViewer(state)}>{children}</ViewerContext>);

function watchPage(state: Parameters<typeof scriptedViewer>[0], remembered: 'on' | null = 'on'): string {
  const consent = createConsentStore({ fromLink: null, remembered, operator: 'ask', hasWebRtc: true }, () => undefined);
  // The element is only taken in by effects, which do not run here.
  const video = {} as HTMLVideoElement;
  const tracks = createTrackChoice({ read: () => null, write: () => undefined, forget: () => undefined }, ['en']);
  return draw(state, <WatchPage channel={CHANNEL} video={video} consent={consent} tracks={tracks} serverUrl="https://example.org" />);
}

describe('the watch page', () => {
  it('shows a title as text, whatever it says', () => {
    const html = watchPage(watchSnapshot({ title: HOSTILE }));
    expect(html).toContain(ESCAPED);
    expect(html).not.toContain('<img');
  });

  it('shows the notice until it is answered, and the switch always', () => {
    expect(watchPage(watchSnapshot(), null)).toContain('data-testid="consent-notice"');
    expect(watchPage(watchSnapshot())).not.toContain('consent-notice');
    expect(watchPage(watchSnapshot())).toContain('data-testid="p2p-switch"');
  });

  it('keeps its live region while there is nothing to say, and fills it when there is', () => {
    expect(watchPage(watchSnapshot())).toContain('<div role="status" data-testid="status"></div>');
    const waiting = watchPage(watchSnapshot({ engine: snapshot({ notice: 'waitingForSeederAndPeers' }) }));
    expect(waiting).toMatch(/data-testid="status">.*no viewer has this part/);
  });

  it('has a live badge for live alone', () => {
    const live = watchSnapshot({ kind: 'live', live: { behindMs: 43_000, isAtLive: false } });
    expect(watchPage(live)).toMatch(/live-button.*43.s behind.*Jump to live/s);
    expect(watchPage(watchSnapshot())).not.toContain('live-button');
  });

  it('offers no sharing of a channel that never opened', () => {
    const lost = watchPage(watchSnapshot({ status: 'failed', trouble: 'unknownChannel', title: null, kind: null }), null);
    expect(lost).toContain('There is no such channel');
    expect(lost).not.toMatch(/p2p-switch|consent-notice|share-chip/);
  });
});

describe('a channel’s card', () => {
  it('shows a title as text and links to the watch page', () => {
    const listing = {
      id: CHANNEL, title: HOSTILE, kind: 'live', viewers: 3, bitrate: 1e6, durationSeconds: null, width: 0, height: 0, offloadRatio: 0.5, poster: null,
    } as const;
    const html = renderToStaticMarkup(<ChannelCard channel={listing} />);
    expect(html).toContain(ESCAPED);
    expect(html).toContain(`href="/watch/${CHANNEL}"`);
  });
});

describe('the stats panel', () => {
  it('gives every picture its text', () => {
    const engine = snapshot({ neighbours: [neighbour(0), neighbour(1)], timeline: [chunk(0, { state: 'held', bytesFromPeers: 9 }), chunk(1)] });
    const html = draw(watchSnapshot({ engine }), <StatsPanel />);
    expect(html.replaceAll('\u00a0', ' ')).toContain('Timeline of chunks by source. Peers: 1 chunk, Not here yet: 1 chunk.');
    expect(html.replaceAll('\u00a0', ' ')).toContain('2 neighbours around you');
    expect(html.match(/<tr>/g)).toHaveLength(3);
  });
});
