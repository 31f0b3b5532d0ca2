/** `tributary`: the command line's composition root. Builds the client where it is stale, then hosts one channel. */
import { fileURLToPath } from 'node:url';
import { IngestError } from '#ingest/ingest-error';
import type { ChannelId } from '#protocol/ids';
import { buildClientIfStale } from '../scripts/client-build.ts';
import { UsageError, type ChannelSpec } from '#server/options';
import { clock, closeOnSignal, fail } from '#server/process-world';
import type { Report } from '#server/report';
import { startServer, type RunningServer } from '#server/server';
import { HOST_USAGE, parseHostOptions, type HostOptions } from './host-options.ts';
import { jsonScreen, TextScreen, type HostScreen } from './host-screen.ts';
import { KeyFileError, readOrMakeKey } from './key-file.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIGURES_MS = 1000;

async function specOf({ source, title, isListed, allowsPrivate, ladder, keyFile }: HostOptions): Promise<ChannelSpec> {
  const seed = keyFile === undefined ? undefined : await readOrMakeKey(keyFile);
  return { title, kind: source.from === 'loop' ? 'live' : 'vod', path: source.path, isListed, allowsPrivate, ...(ladder && { ladder }), ...(seed && { seed }) };
}

async function host(options: HostOptions): Promise<void> {
  // Who reads may go away (`| head -1`); the channel stays on air.
  process.stdout.on('error', () => undefined);
  const screen: HostScreen = options.server.isJson ? jsonScreen(process.stdout) : new TextScreen(process.stdout);
  const running: { server: RunningServer | undefined } = { server: undefined };
  closeOnSignal(running, () => screen.report({ event: 'closing' }));
  const spec = await specOf(options);
  if (options.buildsClient) await buildClientIfStale();
  let hosted: ChannelId | undefined;
  const report: Report = (event) => {
    if (event.event === 'channel') hosted = event.id;
    screen.report(event);
  };
  const server = await startServer({ ...options.server, channels: [spec] }, { clock, random: { next: () => Math.random() }, report, onProgress: screen.progress.bind(screen) });
  running.server = server;
  await server.ready;
  const tell = (): void => {
    if (hosted !== undefined) screen.figures(server.figures(hosted));
    clock.after(FIGURES_MS, tell);
  };
  tell();
}

/** What browsers do not play can be converted here, which packaging itself does not know. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof IngestError) || error.reason !== 'unsupportedCodec') return error;
  return new IngestError(error.reason, `${error.message.replace(/\.$/, '')}, or let ffmpeg do it with --ladder 1080,720,480.`, error);
}

/** npm runs scripts in the project's folder; paths are meant from where its user stands. */
const standsIn = (): string => (process.env.npm_lifecycle_event === 'host' && process.env.INIT_CWD) || process.cwd();

try {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined || command === '--help' || command === '-h') console.log(HOST_USAGE);
  else if (command !== 'host') throw new UsageError(`There is no command ${command}; tributary host <source> hosts a channel.`);
  else {
    const options = parseHostOptions(args, { root: ROOT, from: standsIn() });
    if (options === 'help') console.log(HOST_USAGE);
    else await host(options);
  }
} catch (error) {
  if (!(error instanceof KeyFileError)) fail(withAdvice(error));
  console.error(error.message);
  process.exit(1);
}
