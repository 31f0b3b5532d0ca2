/** Composition root of every page but those that play (watch-main.ts). Each page is loaded when its address asks for it. */
import './styles/base.css';
import { pageWorld } from './page-world.ts';
import { parseRoute } from './route.ts';

const { root, serverUrl, theme, after } = pageWorld(window);
const route = parseRoute(location.pathname);
if (route.page === 'host') (await import('./host/render-host.tsx')).renderHost(root, { serverUrl, theme });
else {
  const page = route.page === 'channels' || route.page === 'notFound' ? route.page : 'lost';
  (await import('./render-page.tsx')).renderPage(root, { page, serverUrl, theme, after });
}
