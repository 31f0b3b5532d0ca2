// Builds the client (client/player) into dist/client, and serves it in development in front of a running server.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SERVER = process.env.TRIBUTARY_SERVER ?? 'http://localhost:8080';

export default defineConfig({
  root: fromRoot('client/player'),
  cacheDir: fromRoot('.cache/vite'),
  plugins: [react()],
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
