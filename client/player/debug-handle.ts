/**
 * `window.tributary` on a watch page, for tests and for the curious: `tributary.viewer.getSnapshot()` in the console
 * gives everything the page knows. Nothing of ours reads it.
 */
import type { Viewer } from '#browser/viewer-api';

declare global {
  interface Window {
    tributary?: { readonly viewer: Viewer };
  }
}

export function exposeViewer(window: Window, viewer: Viewer): void {
  window.tributary = { viewer };
}
