/** The command line: what may be said, what is taken where nothing was said, and one sentence for what makes no sense. */
import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { PictureFile } from '#ingest/node/read-picture';
import { MAX_TITLE_CHARS } from '#protocol/limits';
import type { ChannelId } from '#protocol/ids';
import type { WatchBoot } from '#protocol/paths';
import type { IceServer } from './sockets/tracker-sockets.ts';

export interface ChannelSpec {
  readonly title: string;
  readonly kind: 'vod' | 'live';
  /** Absolute path, or address of an HLS playlist. */
  readonly path: string;
  /** Private key of the channel where its host brings one; else one is made and kept with the channel. */
  readonly seed?: Uint8Array;
  /** Whether the list of channels shows it to everybody; absent: yes. */
  readonly isListed?: boolean;
  /** Whether an address may be of a private network; absent: no. */
  readonly allowsPrivate?: boolean;
  /** Lines of the renditions that a film is converted into; absent: it stays as it is. */
  readonly ladder?: readonly number[];
  readonly poster?: PictureFile;
}

export interface Options {
  readonly channels: readonly ChannelSpec[];
  readonly port: number;
  /** Whether any free port will do where `port` is in use. */
  readonly takesAnyPort?: boolean;
  readonly address: string;
  readonly dataFolder: string;
  readonly clientFolder: string;
  readonly isJson: boolean;
  readonly consent: WatchBoot['consent'];
  readonly iceServers: readonly IceServer[];
  readonly title: string | undefined;
  /** Whether hosts elsewhere, browsers among them, may publish channels here. */
  readonly isPublishing: boolean;
  /** The one channel that may be published here; absent: any. */
  readonly publishOnly?: ChannelId;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm start -- [options]

  --vod "Title=path"     host a media file, or a folder that holds HLS, on demand (may be repeated)
  --live "Title=path"    play a media file in an endless loop as a live channel (may be repeated)
  --port <number>        port to listen on, 0 for any free one (default 8080)
  --host [address]       be reachable from other machines, on all addresses or the one given
  --data <folder>        where channels and their keys are kept (default data)
  --json                 one JSON object per line instead of text
  --consent ask|implied  whether viewers are asked before they share (default ask)
  --ice <url>            STUN or TURN server, turn:user:password@host:port (may be repeated)
  --title <text>         title of the pages
  --publish on|off       whether anybody who reaches this server may host channels on it, from a page or another
                         machine (default on where only this machine reaches it, off with --host)
  --help                 this text

Without --vod and --live two demo channels are hosted.`;

export const LOCAL = '127.0.0.1';
export const EVERYWHERE = '0.0.0.0';
export const DEFAULT_PORT = 8080;

/** @param root folder of the project. @throws UsageError with one sentence. */
export function parseOptions(args: readonly string[], root: string): Options | 'help' {
  const channels: ChannelSpec[] = [];
  const iceServers: IceServer[] = [];
  let [port, address, dataFolder, title] = [DEFAULT_PORT, LOCAL, resolve(root, 'data'), undefined as string | undefined];
  let [isJson, consent] = [false, 'ask' as WatchBoot['consent']];
  let publish: boolean | undefined;
  const rest = expandEquals(args);
  while (rest.length > 0) {
    const option = rest.shift()!;
    const value = (): string => {
      if (rest[0] === undefined) throw new UsageError(`${option} needs a value; --help lists the options.`);
      return rest.shift()!;
    };
    if (option === '--help' || option === '-h') return 'help';
    else if (option === '--vod' || option === '--live') channels.push(parseChannel(option, value()));
    else if (option === '--port') port = parsePort(value());
    else if (option === '--host') address = rest[0] === undefined || rest[0].startsWith('--') ? EVERYWHERE : rest.shift()!;
    else if (option === '--data') dataFolder = resolve(value());
    else if (option === '--json') isJson = true;
    else if (option === '--consent') consent = parseConsent(value());
    else if (option === '--ice') iceServers.push(parseIce(value()));
    else if (option === '--title') title = value();
    else if (option === '--publish') publish = parsePublish(value());
    else throw new UsageError(`Unknown option ${option}; --help lists the options.`);
  }
  const demo = resolve(root, 'media/demo.mp4');
  if (channels.length === 0) {
    channels.push({ title: 'Demo on demand', kind: 'vod', path: demo }, { title: 'Demo live', kind: 'live', path: demo });
  }
  return { channels, port, address, dataFolder, clientFolder: resolve(root, 'dist/client'), isJson, consent, iceServers, title, isPublishing: publish ?? isLoopback(address) };
}

/** Whoever can reach such an address sits at this machine already. */
const isLoopback = (address: string): boolean => address === 'localhost' || address === '::1' || /^127\./.test(address);

/** `--port=9000` as `--port 9000`. Values that follow an option are left alone: a title may well contain `=`. */
export function expandEquals(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    const match = /^(--[a-z]+)=(.*)$/s.exec(arg);
    return match ? [match[1]!, match[2]!] : [arg];
  });
}

/** `Title=path`, or a path alone, whose name is then the title. */
function parseChannel(option: '--vod' | '--live', value: string): ChannelSpec {
  const at = splitOf(value);
  const isPathAlone = at < 1 || existsSync(value);
  const path = isPathAlone ? value.slice(at === 0 ? 1 : 0) : value.slice(at + 1);
  const title = (isPathAlone ? basename(path, extname(path)) : value.slice(0, at)).trim();
  if (path === '' || title === '') throw new UsageError(`${option} needs "Title=path", not "${value}".`);
  if (title.length > MAX_TITLE_CHARS) throw new UsageError(`A title has at most ${MAX_TITLE_CHARS} characters.`);
  return { title, kind: option === '--vod' ? 'vod' : 'live', path: resolve(path) };
}

/** Where the path begins: a title and a path may both contain `=`, so the file that is there decides. */
function splitOf(value: string): number {
  for (let at = value.indexOf('='); at >= 0; at = value.indexOf('=', at + 1)) {
    if (at > 0 && at < value.length - 1 && existsSync(value.slice(at + 1))) return at;
  }
  return value.indexOf('=');
}

export function parsePort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port needs a number from 0 to 65535, not "${value}".`);
}

function parsePublish(value: string): boolean {
  if (value === 'on' || value === 'off') return value === 'on';
  throw new UsageError(`--publish is on or off, not "${value}".`);
}

export function parseConsent(value: string): WatchBoot['consent'] {
  if (value === 'ask' || value === 'implied') return value;
  throw new UsageError(`--consent is ask or implied, not "${value}".`);
}

/** RFC 7064 and 7065, with a user and password before the host where a TURN server wants them. */
export function parseIce(value: string): IceServer {
  const match = /^(stuns?|turns?):(?:([^:@]+):([^@]+)@)?([^@]+)$/.exec(value);
  if (!match) throw new UsageError(`--ice needs a stun: or turn: address, not "${value}".`);
  const [, scheme, username, credential, host] = match;
  const urls = `${scheme}:${host}`;
  return username === undefined || credential === undefined ? { urls } : { urls, username, credential };
}
