/**
 * Composition root of the pages that play, in a document of their own (watch.html): what the first frame needs is
 * loaded by name with the document. The viewer comes first, with a bare picture; React is loaded and draws once there
 * is something to see, so that nothing competes with the first frame.
 */
import './styles/base.css';
import { importAgain } from '#browser/import-again';
import { SystemClock } from '#browser/system-clock';
import { whenCalm } from '#browser/when-calm';
import { exposeViewer } from './debug-handle.ts';
import { pageWorld } from './page-world.ts';
import { parseRoute } from './route.ts';
import { showEarly } from './watch/early-stage.ts';
import { startWatch } from './watch/start-watch.ts';
import { whenAhead } from './watch/when-ahead.ts';
import { whenShown } from './watch/when-shown.ts';

/** Drawing stops everything else for some tenths of a second: this much is to be ahead of the picture, seconds. */
const DRAWN_WITH_S = 1;
/** Until then peers are met, who bring it; the page waits no longer than this. */
const PEERS_FIRST_MS = 2_000;

/** On a machine that is late the picture plays without its page and its controls for this long each. */
const DRAWN_AT_LATEST_MS = 3_000;

// The script runs as soon as it is here, usually after the few lines of the document, but nobody promises that.
if (document.readyState === 'loading') await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }));
const { root, memory, theme, serverUrl, after } = pageWorld(window);
const clock = new SystemClock();
const route = parseRoute(location.pathname);
if ((route.page === 'watch' || route.page === 'embed') && route.channel !== null) {
  const { page, channel } = route;
  const scriptMs = clock.nowMs();
  const { viewer, video, consent, tracks } = startWatch(channel, { window, memory, serverUrl, after });
  exposeViewer(window, viewer);
  showEarly(root, video, page);
  await whenShown(video, viewer, after, scriptMs);
  // Drawing the page takes the main thread for as long as meeting peers does, and the seeder pays for every delay there.
  if (consent.getSnapshot().mode !== 'off') await whenAhead(video, { seconds: DRAWN_WITH_S, atMostMs: PEERS_FIRST_MS, after });
  await whenCalm({ clock, probes: 3, atMostMs: DRAWN_AT_LATEST_MS });
  const { renderWatch } = await importAgain(() => import('./watch/render-watch.tsx'));
  renderWatch(root, { page, channel, serverUrl, viewer, video, consent, tracks, theme });
  await whenCalm({ clock, probes: 3, atMostMs: DRAWN_AT_LATEST_MS });
  await importAgain(() => import('./watch/media-elements.ts'));
  // Wanted most when something is wrong, and then perhaps nowhere to be had.
  if (page === 'watch') await importAgain(() => import('./stats/StatsPanel.tsx'));
} else {
  (await import('./render-page.tsx')).renderPage(root, { page: 'lost', serverUrl, theme, after });
}
