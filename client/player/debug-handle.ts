/**
 * `window.tributary` on a watch page, for tests and for the curious: `tributary.viewer.getSnapshot()` in the console
 * gives everything the page knows; `tributaryHost()` does the same where something is hosted. Nothing of ours reads it.
 */
import type { HostSnapshot } from '#browser/hosting/host-snapshot';
import type { Viewer } from '#browser/viewer-api';

declare global {
  interface Window {
    tributary?: { readonly viewer: Viewer };
    /** Null while nothing is hosted. */
    tributaryHost?: () => HostSnapshot | null;
  }
}

export function exposeViewer(window: Window, viewer: Viewer): void {
  window.tributary = { viewer };
}

export function exposeHost(window: Window, snapshot: () => HostSnapshot | null): void {
  window.tributaryHost = snapshot;
}
