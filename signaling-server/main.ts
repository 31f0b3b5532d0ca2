/** The server's composition root: arguments in, events out, real time and chance, signals, exit codes. */
import { fileURLToPath } from 'node:url';
import { IngestError } from '#ingest/ingest-error';
import { parseOptions, USAGE, UsageError, type Options } from './options.ts';
import { reportJson, reportText } from './report.ts';
import { ListenError, startServer, type RunningServer } from './server.ts';
import { StoreError } from './store/store-error.ts';
import type { WallClock } from './tracker/ports.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXIT = { failed: 1, usage: 2 } as const;

const clock: WallClock = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** One sentence for a person; the stack only for faults that are ours. */
function fail(error: unknown): never {
  const isExpected = error instanceof UsageError || error instanceof IngestError || error instanceof StoreError || error instanceof ListenError;
  if (isExpected) console.error(error.message);
  else console.error('The server met a fault of its own; please report this:', error);
  process.exit(error instanceof UsageError ? EXIT.usage : EXIT.failed);
}

/** Signals count from the first moment on; before there is a server there is nothing to close. */
function closeOnSignal(running: { readonly server: RunningServer | undefined }, closing: () => void): void {
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

async function run(options: Options): Promise<void> {
  // Who reads the events may go away (`| head -1`); the server goes on.
  process.stdout.on('error', () => undefined);
  const write = (text: string): void => void process.stdout.write(text);
  const report = options.isJson ? reportJson(write) : reportText(write);
  const running: { server: RunningServer | undefined } = { server: undefined };
  closeOnSignal(running, () => report({ event: 'closing' }));
  running.server = await startServer(options, { clock, random: { next: () => Math.random() }, report });
  await running.server.ready;
}

try {
  const options = parseOptions(process.argv.slice(2), ROOT);
  if (options === 'help') console.log(USAGE);
  else await run(options);
} catch (error) {
  fail(error);
}
