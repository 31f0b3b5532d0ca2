/**
 * Parts of a page that are loaded while it plays already. The server may be out of reach at that moment, and playback
 * outlives that; so must the controls, the link to peers and whatever else comes late.
 */

/** What browsers, and Vite for a style sheet, say of a file they could not get; a module that throws says something of its own. */
const NOT_LOADED = /dynamically imported module|importing a module script|unable to preload css/i;

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

type Wait = (ms: number) => Promise<unknown>;

const sleep: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Calls `load`, an `import()`, until the file comes, after growing pauses; rejects only with what the module itself
 * throws. Chromium asks the server each time. Firefox remembers for the life of a page that a file did not come, so
 * there it is tried in vain, and at least breaks nothing.
 */
export async function importAgain<T>(load: () => Promise<T>, wait: Wait = sleep): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await load();
    } catch (cause) {
      if (!(cause instanceof Error) || !NOT_LOADED.test(cause.message)) throw cause;
    }
    await wait(pauseMs);
  }
}
