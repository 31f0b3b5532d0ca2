/** The command line of `tributary host`: one source, how it is called, who may see it, and where it is served. */
import { basename, extname, resolve } from 'node:path';
import { isAddress } from '#ingest/node/package-address';
import { MAX_TITLE_CHARS } from '#protocol/limits';
import { DEFAULT_PORT, EVERYWHERE, expandEquals, LOCAL, parseConsent, parseIce, parsePort, UsageError, type Options } from '#server/options';

export type HostSource =
  /** A media file, or a folder that holds HLS. Absolute. */
  | { readonly from: 'path'; readonly path: string }
  /** The address of an HLS playlist. */
  | { readonly from: 'address'; readonly path: string }
  /** A media file as television. Absolute. */
  | { readonly from: 'loop'; readonly path: string }
  /** What OBS or ffmpeg sends to a port of this machine. */
  | { readonly from: 'rtmp'; readonly port: number };

export interface HostOptions {
  readonly source: HostSource;
  readonly title: string;
  readonly isListed: boolean;
  /** Whether an address may be of a private network. */
  readonly allowsPrivate: boolean;
  /** File of the picture that stands for the channel, absolute. */
  readonly posterFile: string | undefined;
  /** Lines of the renditions wanted, undefined: the film as it is. */
  readonly ladder: readonly number[] | undefined;
  /** Duration of live chunks, microseconds. */
  readonly chunkUs: number;
  /** Server elsewhere that the channel is published on, without a slash at the end; undefined: one of its own, here. */
  readonly publishOn: string | undefined;
  /** File that keeps the channel's private key, absolute; undefined: the data folder keeps it. */
  readonly keyFile: string | undefined;
  /** Whether the pages are built again where their sources are newer. */
  readonly buildsClient: boolean;
  /** Everything that is the server's own business; it has no channels yet. */
  readonly server: Options;
}

export const HOST_USAGE = `Usage: tributary host <film.mp4 | folder with HLS | https://origin/master.m3u8> [options]
       tributary host --live <file> --loop [options]
       tributary host --live rtmp[:port] [options]

  --title <text>         title of the channel (default: the name of the file)
  --poster <picture>     shown in the list and before the film begins: JPEG, PNG, WebP or AVIF
  --private              not in the list of channels; who has the link may watch
  --server <url>         publish on a server elsewhere instead of serving from here
  --chunk <seconds>      duration of the chunks of --live rtmp, 1 to 6 (default 2)
  --key <file>           private key of the channel, made if it is not there; else the data folder keeps it
  --ladder <heights>     convert a film with ffmpeg, for example 1080,720,480,240
  --allow-private        read addresses of private networks too
  --port <number>        port to listen on, 0 for any free one (default ${DEFAULT_PORT}, or any free one)
  --host [address]       be reachable from other machines, on all addresses or the one given
  --data <folder>        where channels and their keys are kept (default data)
  --json                 one JSON object per line instead of text
  --consent ask|implied  whether viewers are asked before they share (default ask)
  --ice <url>            STUN or TURN server, turn:user:password@host:port (may be repeated)
  --no-build             serve the pages as they were built last
  --help                 this text`;

/** As RTMP servers have it, and OBS takes where none is named. */
const RTMP_PORT = 1935;
/** Renditions of one film; each costs its share of a processor for the whole length. */
const MAX_RUNGS = 8;

/** What options said, before it is known whether it makes sense together. */
interface Said {
  sources: string[];
  live: string | undefined;
  isLoop: boolean;
  title: string | undefined;
  isListed: boolean;
  allowsPrivate: boolean;
  ladder: readonly number[] | undefined;
  chunkUs: number;
  publishOn: string | undefined;
  keyFile: string | undefined;
  posterFile: string | undefined;
  buildsClient: boolean;
}

/**
 * @param args after the word `host`
 * @param places `root` of the project, and the folder that relative paths start from
 * @throws UsageError with one sentence.
 */
export function parseHostOptions(args: readonly string[], places: { root: string; from: string }): HostOptions | 'help' {
  const said: Said = { sources: [], live: undefined, isLoop: false, title: undefined, isListed: true, allowsPrivate: false, ladder: undefined, chunkUs: 2_000_000, publishOn: undefined, keyFile: undefined, posterFile: undefined, buildsClient: true };
  const server: { -readonly [Key in keyof Options]: Options[Key] } = {
    channels: [], port: DEFAULT_PORT, takesAnyPort: true, address: LOCAL, dataFolder: resolve(places.root, 'data'),
    clientFolder: resolve(places.root, 'dist/client'), isJson: false, consent: 'ask', iceServers: [], title: undefined, isPublishing: false,
  };
  const rest = expandEquals(args);
  while (rest.length > 0) {
    const option = rest.shift()!;
    const value = (): string => {
      if (rest[0] === undefined || rest[0].startsWith('--')) throw new UsageError(`${option} needs a value; --help lists the options.`);
      return rest.shift()!;
    };
    const path = (): string => resolve(places.from, value());
    if (option === '--help' || option === '-h') return 'help';
    else if (!option.startsWith('-')) said.sources.push(option);
    else if (option === '--live') said.live = value();
    else if (option === '--loop') said.isLoop = true;
    else if (option === '--title') said.title = value();
    else if (option === '--private') said.isListed = false;
    else if (option === '--allow-private') said.allowsPrivate = true;
    else if (option === '--ladder') said.ladder = parseLadder(value());
    else if (option === '--chunk') said.chunkUs = parseChunk(value());
    else if (option === '--server') said.publishOn = parseServer(value());
    else if (option === '--no-build') said.buildsClient = false;
    else if (option === '--key') said.keyFile = path();
    else if (option === '--poster') said.posterFile = path();
    else if (option === '--port') [server.port, server.takesAnyPort] = [parsePort(value()), false];
    // An address has dots or colons; what follows may as well be the source.
    else if (option === '--host') server.address = isIpAddress(rest[0]) ? rest.shift()! : EVERYWHERE;
    else if (option === '--data') server.dataFolder = path();
    else if (option === '--json') server.isJson = true;
    else if (option === '--consent') server.consent = parseConsent(value());
    else if (option === '--ice') server.iceServers = [...server.iceServers, parseIce(value())];
    else throw new UsageError(`Unknown option ${option}; --help lists the options.`);
  }
  const source = sourceOf(said, places.from);
  const { isListed, allowsPrivate, ladder, chunkUs, publishOn, keyFile, posterFile, buildsClient } = said;
  if (ladder && source.from !== 'path') throw new UsageError('--ladder converts a film on demand, not television or an address.');
  return { source, title: titleOf(said, source), isListed, allowsPrivate, ladder, chunkUs, publishOn, keyFile, posterFile, buildsClient, server };
}

function sourceOf({ sources, live, isLoop }: Said, from: string): HostSource {
  if (sources.length > 1) throw new UsageError(`One channel has one source, not ${sources.length} (${sources.join(', ')}); quote a name that has spaces.`);
  if (live !== undefined && sources.length > 0) throw new UsageError(`Either a source on demand or --live, not both (${sources[0]} and --live ${live}).`);
  const rtmp = live === undefined ? undefined : rtmpPort(live);
  if (rtmp !== undefined && isLoop) throw new UsageError('--live rtmp takes what is sent; --loop belongs to --live <file>.');
  if (rtmp !== undefined) return { from: 'rtmp', port: rtmp };
  if (live !== undefined && !isLoop) throw new UsageError(`--live ${live} needs --loop: a file as television starts over when it ends.`);
  if (live !== undefined) return { from: 'loop', path: resolve(from, live) };
  if (isLoop) throw new UsageError('--loop belongs to --live <file>.');
  if (sources[0] === undefined || sources[0] === '') throw new UsageError('What shall be hosted? Name a media file or a folder with HLS; --help lists the options.');
  if (isAddress(sources[0])) return { from: 'address', path: sources[0] };
  return { from: 'path', path: resolve(from, sources[0]) };
}

/** `1080,720,480`: lines of the renditions. */
function parseLadder(value: string): number[] {
  const heights = value.split(',').map((height) => (/^\d{3,4}p?$/.test(height.trim()) ? Number.parseInt(height, 10) : NaN));
  if (heights.length <= MAX_RUNGS && heights.every((height) => height >= 144 && height <= 4320 && height % 2 === 0)) return heights;
  throw new UsageError(`--ladder needs up to ${MAX_RUNGS} even heights from 144 to 4320, such as 1080,720,480, not "${value}".`);
}

/** The port of `rtmp` and `rtmp:1936`; undefined for anything else, such as a file. */
function rtmpPort(live: string): number | undefined {
  const match = /^rtmp(?::(\d{1,5}))?$/.exec(live);
  if (!match) return undefined;
  const port = Number(match[1] ?? RTMP_PORT);
  if (port >= 1 && port <= 65_535) return port;
  throw new UsageError(`--live rtmp:<port> needs a port from 1 to 65535, not ${port}.`);
}

function parseChunk(value: string): number {
  if (/^\d(\.\d+)?$/.test(value) && Number(value) >= 1 && Number(value) <= 6) return Number(value) * 1_000_000;
  throw new UsageError(`--chunk needs seconds from 1 to 6, not "${value}".`);
}

function parseServer(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && (url.pathname === '/' || url.pathname === '')) return url.origin;
  throw new UsageError(`--server needs the address of a server, such as https://my.server, not "${value}".`);
}

function titleOf({ title }: Said, source: HostSource): string {
  const chosen = (title ?? nameOf(source)).trim();
  if (chosen === '') throw new UsageError('--title must not be empty.');
  if (chosen.length <= MAX_TITLE_CHARS) return chosen;
  if (title === undefined) return chosen.slice(0, MAX_TITLE_CHARS);
  throw new UsageError(`A title has at most ${MAX_TITLE_CHARS} characters.`);
}

/** The file's name without its ending; of an address the last part that says something: master.m3u8 does not. */
function nameOf(source: HostSource): string {
  if (source.from === 'rtmp') return 'Live';
  const { from, path } = source;
  if (from !== 'address') return basename(path, extname(path));
  const { pathname, host } = new URL(path);
  const parts = pathname.split('/').filter((part) => part !== '' && !/\.m3u8$/i.test(part));
  return parts.at(-1) ?? host;
}

/** IPv4, or IPv6: both begin with hexadecimal digits or colons, and neither is a file that anybody would host. */
const isIpAddress = (text: string | undefined): boolean => text !== undefined && (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text));
