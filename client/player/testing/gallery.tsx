/**
 * Every state of the pages without a server, for looking at: `npx vite`, then /testing/gallery.html?state=playing. Not
 * part of the build. States are the names in `STATES`; `video=<url>` plays a file in the picture.
 */
import { createRoot } from 'react-dom/client';
import { NO_PLAYBACK, type WatchSnapshot } from '#browser/watch-snapshot';
import { parseChannelId } from '#protocol/ids';
import type { ChannelListing } from '#protocol/paths';
import { createChannelFeed } from '../list/channel-feed.ts';
import { ChannelsPage } from '../list/ChannelsPage.tsx';
import { createConsentStore } from '../consent/consent-store.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageShell } from '../shell/PageShell.tsx';
import { createThemeStore } from '../shell/theme.ts';
import { createLocalMemory } from '../store/local-memory.ts';
import '../styles/base.css';
import '../watch/media-elements.ts';
import { renderWatch } from '../watch/render-watch.tsx';
import { createTrackChoice } from '../watch/track-choice.ts';
import { prepareVideo } from '../watch/video-element.ts';
import { chunk, neighbour, scriptedViewer, snapshot, watchSnapshot } from './scripted-viewer.ts';

const query = new URLSearchParams(location.search);
const CHANNEL = parseChannelId(query.get('id') ?? 'k4qz7w2mfx5pbd3ythrn6vjcl2aegs5o');

const timeline = Array.from({ length: 32 }, (_, at) => {
  if (at < 3) return chunk(at, { state: 'dropped', bytesFromSeeder: 280_000 });
  if (at < 6) return chunk(at, { state: 'held', bytesFromSeeder: 280_000 });
  if (at === 9 || at === 14) return chunk(at, { state: 'held', bytesFromPeers: 200_000, bytesFromSeeder: 80_000 });
  if (at < 22) return chunk(at, { state: 'held', bytesFromPeers: 280_000 });
  return at < 24 ? chunk(at, { state: 'fetching', bytesFromPeers: 90_000 * (25 - at) }) : chunk(at);
});

const together = snapshot({
  neighbours: [0, 1, 2, 3, 4].map((at) => neighbour(at)).concat(neighbour(5, { state: 'greeting', rttMs: null })),
  bytes: { fromPeers: 4_700_000, fromSeeder: 1_820_000, toPeers: 2_900_000, wasted: 32_000, control: 61_000 },
  offloadRatio: 0.72, downBytesPerSecond: 1_980_000, upBytesPerSecond: 420_000,
  playheadUs: 21.3e6, aheadUs: 24.7e6, timeline,
});
const playing = watchSnapshot({ engine: together, playback: { ...NO_PLAYBACK, startupMs: 287 } });
const LEVELS = [{ level: 0, height: 360, bandwidth: 8e5, name: '360p' }, { level: 1, height: 720, bandwidth: 25e5, name: '720p' }];

const STATES: Readonly<Record<string, WatchSnapshot>> = {
  opening: watchSnapshot({ status: 'opening', title: null, kind: null }),
  playing,
  ladder: { ...playing, levels: LEVELS, level: 1 },
  alone: watchSnapshot({ engine: snapshot({ swarmSize: 1, offloadRatio: 0, bytes: { ...together.bytes, fromPeers: 0, toPeers: 0 }, timeline: timeline.slice(0, 6) }) }),
  off: watchSnapshot({ engine: snapshot({ mode: 'off', swarm: 'off' }) }),
  live: { ...playing, title: 'Bunny TV', kind: 'live', live: { behindMs: 4_230, isAtLive: true } },
  late: { ...playing, title: 'Bunny TV', kind: 'live', live: { behindMs: 43_100, isAtLive: false } },
  muted: { ...playing, isMutedByBrowser: true },
  click: { ...playing, needsClick: true },
  waiting: { ...playing, engine: { ...together, seeder: 'failing', notice: 'waitingForSeederAndPeers' } },
  gone: { ...playing, engine: { ...together, notice: 'channelGone' } },
  unknown: watchSnapshot({ title: null, kind: null, status: 'failed', trouble: 'unknownChannel' }),
  unreachable: watchSnapshot({ title: null, kind: null, status: 'failed', trouble: 'unreachable' }),
  unsupported: watchSnapshot({ title: null, kind: null, status: 'failed', trouble: 'unsupportedBrowser' }),
  format: { ...playing, status: 'failed', sentence: "This browser cannot play the channel's video format. Try another browser." },
};

const listing = (at: number, changes: Partial<ChannelListing>): ChannelListing => ({
  id: parseChannelId('bcdefghijklmnopqrstuvwxyz234567a'.slice(at) + 'bcdefghijklmnopqrstuvwxyz234567a'.slice(0, at)),
  title: 'Big Buck Bunny', kind: 'vod', viewers: 0, bitrate: 1_100_000, durationSeconds: 30, width: 854, height: 480, offloadRatio: null, poster: null, ...changes,
});
const LISTS: Readonly<Record<string, () => Promise<readonly ChannelListing[]>>> = {
  list: () => Promise.resolve([
    listing(1, { viewers: 5, offloadRatio: 0.72 }),
    listing(4, { title: 'Bunny TV', kind: 'live', durationSeconds: null, viewers: 12, offloadRatio: 0.88 }),
    listing(9, { title: 'A lecture with <b>quite</b> a long title that runs on and on until it no longer fits on two lines of a card, and then some', durationSeconds: 5_423, height: 1080, bitrate: 4_800_000, viewers: 1 }),
    listing(13, { title: 'Harbour at dawn', durationSeconds: 754 }),
  ]),
  empty: () => Promise.resolve([]),
  loading: () => new Promise(() => undefined),
  failing: () => Promise.reject(new Error('unreachable')),
};

const root = document.getElementById('root')!;
const memory = createLocalMemory(() => localStorage);
const theme = createThemeStore(document.documentElement, memory);
const name = query.get('state') ?? 'playing';
const list = LISTS[name];
const state = STATES[name];
if (list !== undefined) {
  const after = (ms: number, action: () => void) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  };
  createRoot(root).render(<PageShell theme={theme}><ChannelsPage feed={createChannelFeed({ load: list, after })} /></PageShell>);
} else if (state !== undefined) {
  const video = prepareVideo(document.createElement('video'));
  const file = query.get('video');
  if (file !== null) video.src = file;
  const viewer = scriptedViewer(state);
  const isAsked = query.has('notice');
  const facts = { fromLink: null, remembered: isAsked ? null : 'on', operator: 'ask', hasWebRtc: !query.has('nowebrtc') } as const;
  renderWatch(root, {
    page: query.has('embed') ? 'embed' : 'watch', channel: CHANNEL, serverUrl: location.origin, viewer, video, theme, tracks: createTrackChoice(memory, navigator.languages),
    consent: createConsentStore(facts, () => undefined),
  });
} else {
  createRoot(root).render(<PageShell theme={theme}><NotFoundPage /></PageShell>);
}
