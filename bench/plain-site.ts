/**
 * The page Tributary is compared with: hls.js alone, in the best set-up that is honest (its light build, which can play
 * all that is needed here and starts soonest; no worker; the first chunk fetched ahead), on a little server of its own.
 * It plays /channels/:id/master.m3u8 of the same server, by plain HTTP.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** As far behind the live edge as Tributary's player stays, so that both have the same time to fetch a chunk. */
const LIVE_SYNC_SECONDS = 5.5;

const page = (source: string): string => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Plain hls.js</title>
<link rel="preconnect" href="${new URL(source).origin}" crossorigin>
<style>body { margin: 0 } video { width: 100% }</style>
<script src="/hls.light.min.js"></script></head><body><script>
const video = document.createElement('video');
video.playsInline = true;
document.body.append(video);
// fMP4 passes through hls.js almost unread, so its worker would only cost a start-up and a transfer of each chunk.
const hls = globalThis.hls = new Hls({
  startFragPrefetch: true, testBandwidth: false, enableWorker: false, backBufferLength: 30,
  liveSyncDuration: ${LIVE_SYNC_SECONDS},
});
hls.attachMedia(video);
hls.loadSource(${JSON.stringify(source)});
void video.play().catch(() => undefined);
</script></body></html>`;

export class PlainSite {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<PlainSite> {
    const script = await readFile(createRequire(import.meta.url).resolve('hls.js/dist/hls.light.min.js'));
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const source = url.searchParams.get('source');
      if (url.pathname === '/hls.light.min.js') {
        response.setHeader('content-type', 'text/javascript');
        response.setHeader('cache-control', 'public, max-age=31536000, immutable');
        response.end(script);
      } else if (source !== null) {
        response.setHeader('content-type', 'text/html');
        response.end(page(source));
      } else {
        response.statusCode = 404;
        response.end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PlainSite(server);
  }

  /** The page that plays that master playlist. */
  watchUrl(source: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/?source=${encodeURIComponent(source)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
