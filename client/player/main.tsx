/**
 * Composition root of the pages. On a watch page the viewer comes first, with a bare picture; React is loaded while the
 * first chunk is on its way and draws once there is something to see, so that nothing competes with the first frame.
 */
import './styles/base.css';
import { exposeViewer } from './debug-handle.ts';
import { parseRoute } from './route.ts';
import { createThemeStore } from './shell/theme.ts';
import { createLocalMemory } from './store/local-memory.ts';
import { showEarly } from './watch/early-stage.ts';
import { whenShown } from './watch/when-shown.ts';

const memory = createLocalMemory(() => localStorage);
const theme = createThemeStore(document.documentElement, memory);
const serverUrl = location.origin;
const after = (ms: number, action: () => void): (() => void) => {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
};

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element with the id "root".');

const route = parseRoute(location.pathname);
if ((route.page === 'watch' || route.page === 'embed') && route.channel !== null) {
  const { page, channel } = route;
  const { startWatch } = await import('./watch/start-watch.ts');
  const { viewer, video, consent } = startWatch(channel, { window, memory, serverUrl, after });
  exposeViewer(window, viewer);
  showEarly(root, video, page);
  const pages = import('./watch/render-watch.tsx');
  await whenShown(video, viewer, after);
  (await pages).renderWatch(root, { page, channel, serverUrl, viewer, video, consent, theme });
  await import('./watch/media-elements.ts');
} else {
  const page = route.page === 'channels' ? 'channels' : route.page === 'notFound' ? 'notFound' : 'lost';
  (await import('./render-page.tsx')).renderPage(root, { page, serverUrl, theme, after });
}
