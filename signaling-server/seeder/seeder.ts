/**
 * The HTTP server: takes requests apart, sends answers, and keeps every connection within bounds. It serves the client,
 * the channels, health and figures; socket.io attaches to `server`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chunkIndex, streamId, type ChannelId } from '#protocol/ids';
import { paths, type EarlyRange, type WatchBoot } from '#protocol/paths';
import { ChannelReplies } from './channel-replies.ts';
import { ChunkCache } from './chunk-cache.ts';
import type { ClientFiles } from './client-files.ts';
import { failure, json, PREFLIGHT, send, text, type Reply } from './reply.ts';
import { pagePolicy } from './page-policy.ts';
import { MAX_URL_CHARS, routeOf, type PageRoute } from './route.ts';
import { EarlyRanges } from './early-range.ts';
import type { Audience, ChannelDirectory, ServedChannel } from './served-channel.ts';
import { Traffic } from './traffic.ts';
import { fillPage, htmlReply, NOT_BUILT, policyOf, watchBoot, type PageFilling } from './watch-page.ts';

/** Chunks kept in memory: ten channels' live windows, or the hot part of a film. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** Ours are 0.5 kB; what is larger wants to make us remember things. */
const MAX_HEADER_BYTES = 8 * 1024;
/** A request line and its headers arrive within a round trip or two; who takes longer only holds a connection. */
const HEADERS_TIMEOUT_MS = 10_000;
/** A request with its body: the largest chunk a host uploads, at 1 Mbit/s. Without a byte it is cut off much sooner. */
const REQUEST_TIMEOUT_MS = 280_000;
/** How often the two above are looked after. */
const CHECK_INTERVAL_MS = 5_000;
/** Longer than the chunks of most channels, so that a viewer keeps its connection from chunk to chunk. */
const KEEP_ALIVE_MS = 30_000;
/** No byte in either direction for so long: gone. */
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 20_000;

export interface SeederNeeds {
  readonly directory: ChannelDirectory;
  readonly client: ClientFiles;
  readonly consent: WatchBoot['consent'];
  /** Title of the pages that are no channel's. */
  readonly title: string | undefined;
  audience(channel: ChannelId): Audience;
  /** Answers of the publishing API; undefined for requests that are not its business. */
  publish(request: IncomingMessage): Promise<Reply | undefined>;
  /** Text of /metrics. */
  metrics(): string;
  /** Told of a fault of our own; the visitor gets 500 and no details. */
  onFault(error: unknown): void;
}

export class Seeder {
  readonly server: Server;
  readonly traffic = new Traffic();
  readonly #needs: SeederNeeds;
  readonly #channels: ChannelReplies;
  readonly #early = new EarlyRanges();

  constructor(needs: SeederNeeds) {
    this.#needs = needs;
    this.#channels = new ChannelReplies({
      directory: needs.directory,
      audience: (channel) => needs.audience(channel),
      cache: new ChunkCache(CACHE_BYTES),
      traffic: this.traffic,
    });
    this.server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: CHECK_INTERVAL_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.server.setTimeout(IDLE_TIMEOUT_MS);
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A reader that goes away in the middle is ordinary.
    response.on('error', () => undefined);
    try {
      await send(request, response, await this.#answer(request));
    } catch (error) {
      this.#needs.onFault(error);
      if (!response.headersSent) await send(request, response, failure(500, 'The server could not answer this; its log says why.'));
      else response.destroy();
    }
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const published = await this.#needs.publish(request);
    if (published) return published;
    if (request.method === 'OPTIONS') return PREFLIGHT;
    if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'Only reading is possible here.', { Allow: 'GET, HEAD, OPTIONS' });
    const url = request.url ?? '/';
    if (url.length > MAX_URL_CHARS) return failure(414, 'The address is too long.');
    const route = routeOf(url);
    switch (route.to) {
      case 'channels':
        return this.#channels.list();
      case 'health':
        return json({ status: 'ok', channels: this.#needs.directory.list().length }, 200, { 'Cache-Control': 'no-store' });
      case 'metrics':
        return text(this.#needs.metrics(), 'text/plain; version=0.0.4; charset=utf-8', { 'Cache-Control': 'no-store' });
      case 'page':
        return this.#page(route, request);
      case 'asset':
        return this.#needs.client.answer(route.path, request.headers) ?? this.#nothing(request);
      case 'missing':
        return this.#nothing(request);
      default:
        return this.#channels.answer(route, request.headers);
    }
  }

  /** For a person the page that says so, for a program one sentence. */
  #nothing(request: IncomingMessage): Reply {
    const html = this.#needs.client.html('index');
    if (html === undefined || !acceptsHtml(request)) return failure(404, 'There is nothing here.');
    return this.#filled(request, { html, status: 404, isEmbeddable: false }, { title: this.#needs.title, boot: undefined });
  }

  async #page({ watch, isEmbeddable }: PageRoute, request: IncomingMessage): Promise<Reply> {
    const html = this.#needs.client.html(watch === undefined ? 'index' : 'watch');
    if (html === undefined) return htmlReply(NOT_BUILT, { status: 503, policy: pagePolicy([], false) }, request.headers);
    const channel = watch === undefined ? undefined : this.#needs.directory.find(watch);
    if (!channel) return this.#filled(request, { html, status: watch === undefined ? 200 : 404, isEmbeddable }, { title: this.#needs.title, boot: undefined });
    const early = await this.#early.of(channel);
    const boot = watchBoot(channel, this.#needs.consent, early);
    return this.#filled(request, { html, status: 200, isEmbeddable }, { title: channel.title, boot, earlyUrl: early && earlyPath(channel, early) });
  }

  #filled({ headers }: IncomingMessage, { html, status, isEmbeddable }: { html: string; status: number; isEmbeddable: boolean }, filling: PageFilling): Reply {
    return htmlReply(fillPage(html, filling), { status, policy: policyOf(html, filling, isEmbeddable) }, headers);
  }
}

/** Browsers say so when a person follows a link or types an address; scripts and players do not. */
const acceptsHtml = ({ headers }: IncomingMessage): boolean => /\btext\/html\b/.test(headers.accept ?? '');

function earlyPath(channel: ServedChannel, { stream, chunk }: EarlyRange): string | undefined {
  const extension = channel.description.streams.find(({ id }) => id === stream)?.extension;
  return extension && paths.chunk(channel.id, streamId(stream), chunkIndex(chunk), extension);
}
