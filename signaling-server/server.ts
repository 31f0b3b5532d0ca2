/**
 * Puts the server together: store, hosting, tracker, sockets and seeder around one HTTP server. The port is taken first,
 * so that a second server on it fails at once; the address is announced when the channels are there, or after a short
 * grace where one is long in the making.
 */
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';
import { createSeed, SigningKey } from '#ingest/node/channel-key';
import type { Hosted } from '#protocol/hosted';
import type { ChannelId, PeerId } from '#protocol/ids';
import { paths } from '#protocol/paths';
import { encodeLogEntries, type LogEntry } from '#protocol/record';
import { writeFigures } from './figures.ts';
import { Hosting, type HostedChannel } from './hosting.ts';
import type { Options } from './options.ts';
import { DEFAULT_PUBLISH_SETTINGS } from './publishing/publish-settings.ts';
import { PublishReplies } from './publishing/publish-replies.ts';
import { Publishing } from './publishing/publishing.ts';
import { withoutRepetition, type Report } from './report.ts';
import { ClientFiles } from './seeder/client-files.ts';
import { Seeder } from './seeder/seeder.ts';
import { entriesBetween } from './seeder/channel-replies.ts';
import type { ServedChannel } from './seeder/served-channel.ts';
import { DEFAULT_SOCKET_SETTINGS } from './sockets/socket-settings.ts';
import { TrackerSockets } from './sockets/tracker-sockets.ts';
import { Store } from './store/store.ts';
import type { WallClock } from './tracker/ports.ts';
import type { Chance } from './tracker/swarm.ts';
import { DEFAULT_TRACKER_SETTINGS } from './tracker/tracker-settings.ts';
import { Tracker } from './tracker/tracker.ts';

/** A short clip is packaged in a fraction of this; who waits for a long film may as well see the other channels. */
const ANNOUNCE_GRACE_MS = 10_000;
/** How long answers under way may take to end when the server closes. */
const CLOSE_GRACE_MS = 500;

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly reason: 'portTaken' | 'portForbidden' | 'noSuchAddress';

  constructor(reason: ListenError['reason'], sentence: string, cause: unknown) {
    super(sentence, { cause });
    this.reason = reason;
  }
}

export interface RunningServer {
  readonly url: string;
  /** Resolves when every channel is hosted; rejects when one cannot be, with the sentence why. */
  readonly ready: Promise<void>;
  figures(channel: ChannelId): ChannelFigures;
  /** A channel that this server has, its own or a host's elsewhere. */
  channel(id: ChannelId): ServedChannel | undefined;
  /** Calls back with each entry that a live channel's log gets from now on. @returns what ends that. */
  followHeads(channel: ChannelId, onHead: (entry: LogEntry) => void): () => void;
  /** Makes pictures for the seek bar of a film, with ffmpeg. Resolves when they are there, or when there will be none. */
  addThumbnails(channel: ChannelId, ffmpeg: string): Promise<void>;
  /** Names a peer that offers one of them over WebRTC: viewers are introduced to it first, and know it for the host's. */
  nameHost(channel: ChannelId, peer: PeerId | null): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** How one channel does, since the server started. */
export interface ChannelFigures {
  readonly viewers: number;
  /** Media bytes the seeder sent. */
  readonly bytesOut: number;
  /** Share of their bytes that viewers had from each other, 0 to 1; null before the first report. */
  readonly offloadRatio: number | null;
}

export interface World {
  readonly clock: WallClock;
  readonly random: Chance;
  readonly report: Report;
  /** A source is being cut into chunks, and `ratio` of it is done: 0 to 1, at most a hundred times a source. */
  readonly onProgress?: (title: string, ratio: number) => void;
}

/** Resolves when the address was announced. @throws ListenError, StoreError or IngestError with one sentence. */
export async function startServer(options: Options, world: World): Promise<RunningServer> {
  const { clock, random } = world;
  const report = withoutRepetition(world.report, clock);
  const channels = new Map<string, HostedChannel>();
  /** Peers that stand beside this server for channels of its own. */
  const ownHosts = new Map<ChannelId, Hosted>();
  const onFault = (error: unknown): void => report({ event: 'warning', message: error instanceof Error ? error.message : String(error) });
  const store = new Store(options.dataFolder);
  const tracker = new Tracker({ key: new SigningKey(store.serverSeed('tracker', createSeed)), random, settings: DEFAULT_TRACKER_SETTINGS });
  const seeder: Seeder = new Seeder({
    directory: {
      list: () => [...channels.values(), ...publishing.list().filter(({ isShown }) => isShown)],
      find: (id) => channels.get(id) ?? publishing.find(id),
    },
    publish: async (request) => (mayPublish(options, request.url ?? '') ? published.answer(request) : undefined),
    client: new ClientFiles(options.clientFolder),
    consent: options.consent,
    title: options.title,
    audience: (channel) => ({ viewers: tracker.viewers(channel), offloadRatio: tracker.offloadRatio(channel) }),
    metrics: () => writeFigures({ channels: [...channels.values(), ...publishing.list()], traffic: seeder.traffic, tracker, sockets }),
    onFault,
  });
  let isOpening = true;
  const sockets = new TrackerSockets({
    server: seeder.server,
    tracker,
    clock,
    settings: DEFAULT_SOCKET_SETTINGS,
    iceServers: options.iceServers,
    heads: (channel) => headsOf(channels.get(channel) ?? publishing.find(channel)),
    hosted: (channel) => publishing.find(channel)?.hosted ?? ownHosts.get(channel),
    isOpening: () => isOpening,
  });
  const followers = new Map<ChannelId, Set<(entry: LogEntry) => void>>();
  const onHead = (channel: ChannelId, entry: LogEntry): void => {
    sockets.announceHead(channel, encodeLogEntries([entry]));
    for (const tell of followers.get(channel) ?? []) tell(entry);
  };
  const settings = DEFAULT_PUBLISH_SETTINGS;
  const publishing: Publishing = new Publishing({
    store: store.published,
    dataFolder: options.dataFolder,
    clock,
    settings,
    onOpened: ({ id }) => tracker.open(id),
    onRemoved: (id) => tracker.close(id),
    onHead,
    onPresence: ({ id, hosted }) => {
      tracker.setHost(id, hosted.peer);
      sockets.announcePresence(id, hosted);
    },
    onFault,
  });
  const published = new PublishReplies({ publishing, clock, settings, store: store.published, viewers: (channel) => tracker.viewers(channel) });
  const hosting = new Hosting({
    store,
    dataFolder: options.dataFolder,
    clock,
    onProgress: (title, ratio) => world.onProgress?.(title, ratio),
    onHead,
    onFault,
  });

  let isClosed = false;
  const closing = new AbortController();
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    closing.abort();
    for (const channel of channels.values()) if (channel.kind === 'live') channel.close();
    publishing.close();
    const cut = setTimeout(() => seeder.server.closeAllConnections(), CLOSE_GRACE_MS);
    await sockets.close();
    if (seeder.server.listening) await once(seeder.server, 'close');
    clearTimeout(cut);
    store.close();
  };

  try {
    await listenSomewhere(seeder, options);
    await hosting.prepare();
    if (options.isPublishing) await publishing.restore();
    const { port } = seeder.server.address() as AddressInfo;
    const url = `http://${urlHost(options.address)}:${port}`;
    let announce = (): void => undefined;
    const announced = new Promise<void>((resolve) => (announce = resolve));
    const hostAll = async (): Promise<void> => {
      for (const spec of options.channels) {
        const channel = await hosting.host(spec);
        if (channels.has(channel.id)) {
          if (channel.kind === 'live') channel.close();
          continue;
        }
        if (isClosed) {
          if (channel.kind === 'live') channel.close();
          return;
        }
        tracker.open(channel.id);
        channels.set(channel.id, channel);
        void announced.then(() => report({ event: 'channel', id: channel.id, title: channel.title, kind: channel.kind, url: url + paths.watch(channel.id) }));
      }
    };
    // Packaging that a close has overtaken has nowhere to go: that is no failure.
    const ready = hostAll().catch((error: unknown) => {
      if (!isClosed) throw error;
    });
    ready.then(() => (isOpening = false), () => undefined);
    await Promise.race([ready, grace(clock)]);
    report({ event: 'listening', url, lan: lanUrls(options.address, port) });
    announce();
    const figures = (channel: ChannelId): ChannelFigures => ({
      viewers: tracker.viewers(channel),
      bytesOut: seeder.traffic.media(channel).reduce((sum, { bytes }) => sum + bytes, 0),
      offloadRatio: tracker.offloadRatio(channel),
    });
    const nameHost = (channel: ChannelId, peer: PeerId | null): void => {
      const hosted = { state: 'on', peer, floor: 'server' } as const;
      ownHosts.set(channel, hosted);
      tracker.setHost(channel, peer);
      sockets.announcePresence(channel, hosted);
    };
    const followHeads = (channel: ChannelId, tell: (entry: LogEntry) => void): (() => void) => {
      const telling = followers.get(channel) ?? new Set();
      followers.set(channel, telling.add(tell));
      return () => void telling.delete(tell);
    };
    const addThumbnails = async (id: ChannelId, ffmpeg: string): Promise<void> => {
      const channel = channels.get(id);
      if (channel?.kind === 'vod') await channel.addThumbnails(ffmpeg, closing.signal);
    };
    return { url, ready, figures, nameHost, followHeads, addThumbnails, channel: (id) => channels.get(id) ?? publishing.find(id), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const mayPublish = ({ isPublishing, publishOnly }: Options, url: string): boolean => isPublishing && (publishOnly === undefined || url.startsWith(`/api/publish/${publishOnly}/`));

const grace = (clock: WallClock): Promise<void> => new Promise((resolve) => void clock.after(ANNOUNCE_GRACE_MS, resolve));

function headsOf(channel: ServedChannel | undefined): Uint8Array[] {
  if (channel?.kind !== 'live') return [];
  return channel.description.streams.flatMap(({ id }) => {
    const newest = channel.available(id)?.newest ?? -1;
    return entriesBetween(channel, id, newest, newest).map((entry) => encodeLogEntries([entry]));
  });
}

/** On the port that was asked for, or on any free one where the options say that it does not matter. */
async function listenSomewhere(seeder: Seeder, options: Options): Promise<void> {
  try {
    await listen(seeder, options);
  } catch (error) {
    if (options.takesAnyPort !== true || !(error instanceof ListenError) || error.reason !== 'portTaken') throw error;
    await listen(seeder, { ...options, port: 0 });
  }
}

async function listen(seeder: Seeder, { address, port }: Options): Promise<void> {
  seeder.server.listen(port, address);
  try {
    await once(seeder.server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EADDRINUSE') throw new ListenError('portTaken', `Port ${port} is in use: stop what uses it, or choose another with --port (0 takes any free one).`, error);
    if (code === 'EACCES') throw new ListenError('portForbidden', `Port ${port} may not be used by this user: choose one above 1023 with --port.`, error);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new ListenError('noSuchAddress', `This machine does not have the address ${address}: check --host.`, error);
    throw error;
  }
}

/** How to write the address into a URL: the loopback by its name, because browsers trust pages of localhost. */
function urlHost(address: string): string {
  if (address === '127.0.0.1' || address === '0.0.0.0' || address === '::' || address === '::1') return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}

function lanUrls(address: string, port: number): string[] {
  if (address !== '0.0.0.0' && address !== '::') return [];
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.filter((one) => one.family === 'IPv4' && !one.internal).map((one) => `http://${one.address}:${port}`);
}

