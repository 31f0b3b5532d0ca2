// Builds the client (client/player) into dist/client, and serves it in development in front of a running server.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SERVER = process.env.TRIBUTARY_SERVER ?? 'http://localhost:8080';

/** What a watch page runs before its first frame, beyond the entry: named here because it is imported dynamically. */
const BEFORE_FIRST_FRAME = /^(start-watch|hls-light|transport)$/;

/**
 * Watch pages ask for all of that at once, instead of finding out file by file as each has run. Done by a script because
 * one document serves every address, and the list of channels needs none of it.
 */
function preloadWatch(): Plugin {
  return {
    name: 'tributary-preload-watch',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((output) => output.type === 'chunk');
        const first = chunks.filter((chunk) => BEFORE_FIRST_FRAME.test(chunk.name));
        const needed = [...new Set(first.flatMap((chunk) => [chunk.fileName, ...chunk.imports]))].map((file) => `/${file}`);
        if (needed.length === 0) return [];
        const script =
          `if(/^\\/(watch|embed)\\//.test(location.pathname))for(const href of ${JSON.stringify(needed)})` +
          `document.head.append(Object.assign(document.createElement('link'),{rel:'modulepreload',href}))`;
        return [{ tag: 'script', children: script, injectTo: 'head-prepend' }];
      },
    },
  };
}

export default defineConfig({
  root: fromRoot('client/player'),
  cacheDir: fromRoot('.cache/vite'),
  plugins: [react(), preloadWatch()],
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
    sourcemap: true,
    // hls.js alone is past the default of 500 kB; it is a chunk of its own, loaded with the player.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Pages are loaded lazily and split by themselves. These groups keep what every page needs apart from what only
        // one of them does, and let a new release of ours leave the big libraries in people's caches.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|wouter|regexparam|use-sync-external-store)[\\/]/ },
            // Two builds of it, of which a channel needs one.
            { name: 'hls', test: /node_modules[\\/]hls\.js[\\/]dist[\\/]hls\.mjs/ },
            { name: 'hls-light', test: /node_modules[\\/]hls\.js[\\/]dist[\\/]hls\.light\.mjs/ },
            { name: 'media-chrome', test: /node_modules[\\/](media-chrome|ce-la-react)[\\/]/ },
            { name: 'mediabunny', test: /node_modules[\\/]mediabunny[\\/]/ },
            { name: 'transport', test: /node_modules[\\/](simple-peer|socket\.io-client|socket\.io-parser|engine\.io-client|engine\.io-parser|@socket\.io)[\\/]/ },
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
