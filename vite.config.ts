// Builds the client (client/player) into dist/client, and serves it in development in front of a running server.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SERVER = process.env.TRIBUTARY_SERVER ?? 'http://localhost:8080';

/** Addresses of pages that play: they have a document of their own, in which what the first frame needs is named. */
const PLAYS = /^\/(watch|embed)\//;

/** The development server's answer for those addresses; otherwise the server chooses (signaling-server/seeder). */
function watchDocument(): Plugin {
  return {
    name: 'tributary-watch-document',
    configureServer: ({ middlewares }) => {
      middlewares.use((request, _response, next) => {
        if (PLAYS.test(request.url ?? '')) request.url = '/watch.html';
        next();
      });
    },
  };
}

export default defineConfig({
  root: fromRoot('client/player'),
  cacheDir: fromRoot('.cache/vite'),
  plugins: [react(), watchDocument()],
  resolve: {
    alias: [
      // The package's main file is CommonJS that wants Buffer and process; its prebuilt file carries both.
      { find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' },
    ],
  },
  build: {
    outDir: fromRoot('dist/client'),
    emptyOutDir: true,
    target: 'es2022',
    // Every browser with what playback needs has modulepreload.
    modulePreload: { polyfill: false },
    sourcemap: true,
    // hls.js alone is past the default of 500 kB; it is a chunk of its own, loaded with the player.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: [fromRoot('client/player/index.html'), fromRoot('client/player/watch.html')],
      output: {
        // Pages are loaded lazily and split by themselves. These groups keep what every page needs apart from what only
        // one of them does, and let a new release of ours leave the big libraries in people's caches.
        codeSplitting: {
          groups: [
            // What several pages share is small; as files of its own each would be one more request before a first frame.
            { name: 'base', test: /protocol[\\/](ids|limits|paths|utf8|base64)|player[\\/](route|page-world|shell[\\/]theme|store[\\/](local-memory|store))|browser[\\/]random|preload-helper|rolldown[\\/]runtime/ },
            { name: 'watch', test: /protocol[\\/](?!publishing|tracker-events)|client[\\/]engine[\\/]|browser[\\/](web-hasher|system-clock|memory-store|snapshot-store)|node_modules[\\/]@noble[\\/]hashes[\\/]|player[\\/]debug-handle|watch[\\/]video-element/ },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|wouter|regexparam|use-sync-external-store)[\\/]|player[\\/]store[\\/]use-/ },
            // One sheet for what both documents need and what the first picture stands in.
            { name: 'look', test: /player[\\/](styles[\\/]base|shell[\\/]shell|watch[\\/](player|watch))\.css$/ },
            // Two builds of it, of which a channel needs one.
            { name: 'hls', test: /node_modules[\\/]hls\.js[\\/]dist[\\/]hls\.mjs/ },
            { name: 'hls-light', test: /node_modules[\\/]hls\.js[\\/]dist[\\/]hls\.light\.mjs/ },
            { name: 'media-chrome', test: /node_modules[\\/](media-chrome|ce-la-react)[\\/]/ },
            { name: 'mediabunny', test: /node_modules[\\/]mediabunny[\\/]/ },
            { name: 'transport', test: /protocol[\\/]tracker-events|node_modules[\\/](zod|simple-peer|socket\.io-client|socket\.io-parser|engine\.io-client|engine\.io-parser|@socket\.io)[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/channels': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
});
