/** `tributary`: the command line's composition root. Builds the client where it is stale, then hosts one channel. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IngestError } from '#ingest/ingest-error';
import { findFfmpeg } from '#ingest/node/ffmpeg';
import { openLiveOrigin } from '#ingest/node/follow-origin';
import type { MediaPackage } from '#ingest/node/media-package';
import { addressPlace } from '#ingest/node/package-address';
import { fetchRules, lookAt, packageSource } from '#ingest/node/package-source';
import { readPicture, type PictureFile } from '#ingest/node/read-picture';
import { PublishFailure } from '#publishing/publish-error';
import { UsageError, type ChannelSpec } from '#server/options';
import { clock, closeOnSignal, fail } from '#server/process-world';
import { buildClientIfStale } from '../scripts/client-build.ts';
import { HOST_USAGE, parseHostOptions, type HostOptions, type HostSource } from './host-options.ts';
import { hostLiveOrigin, hostLoop } from './host-live.ts';
import { hostRemote, requireServer } from './host-remote.ts';
import { hostRtmp } from './host-rtmp.ts';
import { jsonScreen, TextScreen, type HostScreen } from './host-screen.ts';
import type { Hosted } from './hosted.ts';
import { KeyFileError, readOrMakeKey } from './key-file.ts';
import { offerToPeers, withOffer } from './offer-to-peers.ts';
import { serveHere } from './serve-here.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIGURES_MS = 1000;

function specOf({ title, isListed, allowsPrivate, ladder }: HostOptions, source: Exclude<HostSource, { from: 'rtmp' }>, poster: PictureFile | undefined): ChannelSpec {
  return { title, kind: source.from === 'loop' ? 'live' : 'vod', path: source.path, isListed, allowsPrivate, ...(ladder && { ladder }), ...(poster && { poster }) };
}

/** The key that must be a file's: one that was named, or one in the data folder that goes by the title. */
async function fileKey({ keyFile, server, title }: HostOptions): Promise<Uint8Array> {
  if (keyFile !== undefined) return readOrMakeKey(keyFile);
  const folder = join(server.dataFolder, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return readOrMakeKey(join(folder, `${createHash('sha256').update(title).digest('hex').slice(0, 24)}.pem`));
}

/** A file cut for television; packaged at every start, because no server of this machine remembers it. */
async function packageLoop({ server, allowsPrivate, title }: HostOptions, path: string, screen: HostScreen): Promise<MediaPackage> {
  const rules = fetchRules(allowsPrivate);
  const look = await lookAt(path, rules);
  const root = join(server.dataFolder, 'packages');
  await mkdir(root, { recursive: true });
  return packageSource({ path, look, rules, mode: 'loop', ladder: undefined, root, onProgress: (ratio) => screen.progress(title, ratio) });
}

async function putOnAir(options: HostOptions, screen: HostScreen): Promise<Hosted> {
  const { source, keyFile, posterFile, publishOn, server } = options;
  const poster = posterFile === undefined ? undefined : await readPicture(posterFile);
  if (publishOn !== undefined) await requireServer(publishOn);
  if (source.from === 'rtmp') return hostRtmp({ options, source, seed: await fileKey(options), poster }, screen);
  const live = { options, poster };
  if (source.from === 'address') {
    const sources = await openLiveOrigin(source.path, addressPlace(fetchRules(options.allowsPrivate)));
    if (sources !== undefined) return hostLiveOrigin({ ...live, seed: await fileKey(options) }, sources, screen);
  }
  if (publishOn !== undefined && source.from === 'loop') return hostLoop({ ...live, seed: await fileKey(options) }, await packageLoop(options, source.path, screen), screen);
  if (publishOn !== undefined) return hostRemote(options, { ...specOf(options, source, poster), seed: await fileKey(options) }, screen);
  const seed = keyFile === undefined ? undefined : await readOrMakeKey(keyFile);
  const own = await serveHere(server, { ...specOf(options, source, poster), ...(seed && { seed }) }, screen);
  const id = own.channel!;
  const onTrouble = (message: string): void => screen.report({ event: 'warning', message });
  const ffmpeg = source.from === 'loop' ? undefined : findFfmpeg();
  if (ffmpeg !== undefined) void own.server.addThumbnails(id, ffmpeg).catch((error: unknown) => onTrouble(`There are no pictures for the seek bar: ${String(error)}`));
  const offer = await offerToPeers(own.server, id, onTrouble);
  if (offer) own.server.nameHost(id, offer.peer);
  return {
    figures: () => withOffer(own.server.figures(id), offer),
    async close() {
      offer?.close();
      await own.server.close();
    },
  };
}

async function host(options: HostOptions): Promise<void> {
  // Who reads may go away (`| head -1`); the channel stays on air.
  process.stdout.on('error', () => undefined);
  const screen: HostScreen = options.server.isJson ? jsonScreen(process.stdout) : new TextScreen(process.stdout);
  const running: { server: Hosted | undefined } = { server: undefined };
  closeOnSignal(running, () => screen.report({ event: 'closing' }));
  if (options.buildsClient && options.publishOn === undefined) await buildClientIfStale();
  const hosted = (running.server = await putOnAir(options, screen));
  const tell = (): void => {
    screen.figures(hosted.figures());
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
  if (!(error instanceof KeyFileError) && !(error instanceof PublishFailure)) fail(withAdvice(error));
  console.error(error.message);
  process.exit(1);
}
