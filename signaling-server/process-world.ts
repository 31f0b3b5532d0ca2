/**
 * What the composition roots of this side share: real time, what a failure says and how it exits, and an end in good
 * order when the process is told to end.
 */
import { IngestError } from '#ingest/ingest-error';
import { UsageError } from './options.ts';
import { ListenError } from './server.ts';
import { StoreError } from './store/store-error.ts';
import type { WallClock } from './tracker/ports.ts';

const EXIT = { failed: 1, usage: 2 } as const;

export const clock: WallClock = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** One sentence for a person; the stack only for faults that are ours. */
export function fail(error: unknown): never {
  const isExpected = error instanceof UsageError || error instanceof IngestError || error instanceof StoreError || error instanceof ListenError;
  if (isExpected) console.error(error.message);
  else console.error('The server met a fault of its own; please report this:', error);
  process.exit(error instanceof UsageError ? EXIT.usage : EXIT.failed);
}

interface Closable {
  close(): Promise<void>;
}

/** Signals count from the first moment on; before there is a server there is nothing to close. */
export function closeOnSignal(running: { readonly server: Closable | undefined }, closing: () => void): void {
  let isClosing = false;
  const close = (): void => {
    // A second signal means it.
    if (isClosing) process.exit(EXIT.failed);
    isClosing = true;
    closing();
    if (!running.server) process.exit(0);
    running.server.close().then(() => process.exit(0), fail);
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}
