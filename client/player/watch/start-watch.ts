/**
 * Starts a watch page's viewer. Everything here runs before React has even arrived, because the time to the first frame
 * begins now: viewer, video element, consent, and what happens when the page goes away.
 */
import type { Viewer } from '#browser/viewer-api';
import { openViewer } from '#browser/viewer';
import type { ChannelId } from '#protocol/ids';
import { paths } from '#protocol/paths';
import { readBoot, readEarly } from '../boot.ts';
import { modeFromQuery, parseMode } from '../consent/consent.ts';
import { createConsentStore, type ConsentStore } from '../consent/consent-store.ts';
import type { LocalMemory } from '../store/local-memory.ts';
import { recoverUnopened } from './recovery.ts';
import { takeMedia } from './early-media.ts';
import { createTrackChoice, type TrackChoice } from './track-choice.ts';

export interface WatchStart {
  readonly viewer: Viewer;
  readonly video: HTMLVideoElement;
  readonly consent: ConsentStore;
  readonly tracks: TrackChoice;
}

export interface WatchWorld {
  readonly window: Window;
  readonly memory: LocalMemory;
  readonly serverUrl: string;
  readonly after: (ms: number, action: () => void) => () => void;
}

/** A choice made on the page outdoes the link it was opened with, also after a reload. */
function forgetLinkMode({ location, history }: Window): void {
  const url = new URL(location.href);
  if (!url.searchParams.has('p2p')) return;
  url.searchParams.delete('p2p');
  history.replaceState(history.state, '', url);
}

export function startWatch(channel: ChannelId, { window, memory, serverUrl, after }: WatchWorld): WatchStart {
  const boot = readBoot(window.document);
  const facts = {
    fromLink: modeFromQuery(window.location.search),
    remembered: parseMode(memory.read('p2p')),
    operator: boot?.consent ?? 'ask',
    hasWebRtc: 'RTCPeerConnection' in window,
  } as const;
  const consent = createConsentStore(facts, (mode) => {
    memory.write('p2p', mode);
    forgetLinkMode(window);
    viewer.setMode(mode);
  });
  const { mode } = consent.getSnapshot();
  const tracks = createTrackChoice(memory, window.navigator.languages);
  const viewer = openViewer({ channel, serverUrl, mode, boot: boot ?? undefined, early: readEarly(boot, window), pickSound: tracks.sound });
  const media = takeMedia(window);
  const { video } = media;
  viewer.attach(media);

  const isThere = (): Promise<boolean> =>
    fetch(serverUrl + paths.description(channel), { cache: 'no-store' }).then(({ ok }) => ok, () => false);
  const reload = (): void => window.location.reload();
  recoverUnopened({ viewer, isThere, after, reload });
  window.addEventListener('pagehide', () => viewer.close());
  // Brought back from the browser's back-forward cache, the page has a viewer that has said goodbye.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) reload();
  });
  return { viewer, video, consent, tracks };
}
