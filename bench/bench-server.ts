/**
 * The real server in a process of its own, as `npm start` runs it, with a fresh data folder and the bench clip as its
 * channels; and what it says of itself: bytes sent (/metrics) and the chunks of a channel (its log).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseChannelId, streamId, type ChannelId } from '#protocol/ids';
import { MAX_RECORDS_PER_MESSAGE } from '#protocol/limits';
import type { MetricName } from '#protocol/metric-catalogue';
import { paths, type ChannelListing } from '#protocol/paths';
import { decodeLogEntries, type ChunkRecord } from '#protocol/record';
import { BenchError } from './bench-error.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** A first start builds the client, which may take a minute on a busy machine. */
const START_MS = 180_000;
const CLOSE_MS = 10_000;
/** The clip's one rendition. */
const STREAM = streamId(0);

export interface BenchChannel {
  readonly title: string;
  readonly kind: 'vod' | 'live';
}

export class BenchServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dataFolder: string;
  readonly #channels: ReadonlyMap<string, ChannelId>;

  private constructor(parts: { url: string; child: ChildProcess; dataFolder: string; channels: ReadonlyMap<string, ChannelId> }) {
    this.url = parts.url;
    this.#child = parts.child;
    this.#dataFolder = parts.dataFolder;
    this.#channels = parts.channels;
  }

  static async start(clip: string, channels: readonly BenchChannel[]): Promise<BenchServer> {
    const dataFolder = mkdtempSync(path.join(tmpdir(), 'tributary-bench-'));
    const child = spawn(
      process.execPath,
      [
        '--import', 'tsx', 'scripts/start.ts', '--port', '0', '--json', '--data', dataFolder,
        ...channels.flatMap(({ title, kind }) => [`--${kind}`, `${title}=${clip}`]),
      ],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const url = await listeningUrl(child);
      const ids = await channelIds(url, channels);
      return new BenchServer({ url, child, dataFolder, channels: ids });
    } catch (cause) {
      await stop(child);
      rmSync(dataFolder, { recursive: true, force: true });
      throw cause;
    }
  }

  channel(title: string): ChannelId {
    const id = this.#channels.get(title);
    if (id === undefined) throw new BenchError(`The server has no channel "${title}".`);
    return id;
  }

  watchUrl(title: string): string {
    return `${this.url}${paths.watch(this.channel(title))}?p2p=on`;
  }

  masterUrl(title: string): string {
    return this.url + paths.master(this.channel(title));
  }

  /** A counter or gauge of one channel now, all its streams together. */
  async metric(name: MetricName, title: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const label = `channel="${this.channel(title)}"`;
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Records of the channel's stream; live: the newest ones. */
  async records(title: string): Promise<ChunkRecord[]> {
    const channel = this.channel(title);
    const { kind } = await this.#listing(channel);
    if (kind === 'live') return this.#fetchRecords(paths.records(channel, STREAM, 'newest', MAX_RECORDS_PER_MESSAGE));
    const records: ChunkRecord[] = [];
    for (;;) {
      const next = await this.#fetchRecords(
        paths.records(channel, STREAM, records.length as ChunkRecord['index'], MAX_RECORDS_PER_MESSAGE),
      );
      records.push(...next);
      if (next.length < MAX_RECORDS_PER_MESSAGE) return records;
    }
  }

  async close(): Promise<void> {
    await stop(this.#child);
    rmSync(this.#dataFolder, { recursive: true, force: true });
  }

  async #listing(channel: ChannelId): Promise<ChannelListing> {
    const listing = (await listChannels(this.url)).find(({ id }) => id === channel);
    if (listing === undefined) throw new BenchError('A channel vanished from the server.');
    return listing;
  }

  async #fetchRecords(location: string): Promise<ChunkRecord[]> {
    const response = await fetch(this.url + location);
    // Past the last record of a film.
    if (response.status === 404) return [];
    if (!response.ok) throw new BenchError(`The server answered ${response.status} to ${location}.`);
    return decodeLogEntries(new Uint8Array(await response.arrayBuffer())).map(({ signed }) => signed.record);
  }
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  const timer = setTimeout(() => child.kill(), START_MS);
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      const event = JSON.parse(line) as { event: string; url?: string };
      if (event.event === 'listening' && event.url !== undefined) {
        // Nobody reads on: a full pipe would stop the server.
        child.stdout!.resume();
        return event.url;
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new BenchError('The server did not start; what it said is above.');
}

const listChannels = async (url: string): Promise<ChannelListing[]> => (await (await fetch(url + paths.channels)).json()) as ChannelListing[];

/** Ids by title, once the server has packaged all of them. */
async function channelIds(url: string, wanted: readonly BenchChannel[]): Promise<Map<string, ChannelId>> {
  const untilMs = performance.now() + START_MS;
  while (performance.now() < untilMs) {
    const listed = await listChannels(url);
    if (wanted.every(({ title }) => listed.some((one) => one.title === title))) {
      return new Map(listed.map(({ title, id }) => [title, parseChannelId(id)]));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new BenchError('The server did not offer all of its channels.');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
  await exited;
  clearTimeout(timer);
}
