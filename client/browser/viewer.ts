/**
 * The watching peer of a page: puts adapters, engine, loaders and player together. Everything that can begin without
 * the other begins at once (socket, signature check, MediaSource), because the first frame waits for the slowest of them.
 */
import { createEngine } from '#engine/engine';
import type { Engine } from '#engine/engine-api';
import type { Cancel } from '#engine/ports';
import { defaultSettings } from '#engine/settings';
import type { P2pMode } from '#engine/viewer-snapshot';
import { base64ToBytes } from '#protocol/base64';
import type { ChannelDescription } from '#protocol/description';
import { streamId, type StreamId } from '#protocol/ids';
import { paths } from '#protocol/paths';
import { decodeLogEntries, type LogEntry } from '#protocol/record';
import { FetchOrigin } from './fetch-origin.ts';
import { LateTransport } from './late-transport.ts';
import { MemoryStore } from './memory-store.ts';
import { openChannel, type ChannelTrouble } from './open-channel.ts';
import { createPeerId, createRandom } from './random.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { SystemClock, wallClockMs } from './system-clock.ts';
import type { Viewer, ViewerOptions } from './viewer-api.ts';
import { NO_PLAYBACK, type WatchSnapshot } from './watch-snapshot.ts';
import type { HlsClass } from './hls-player.ts';
import { canPlay, loadHls } from './load-hls.ts';
import { ViewerScreen } from './viewer-screen.ts';
import { WebHasher } from './web-hasher.ts';

/** Starts to watch; the rest happens by itself. */
export function openViewer(options: ViewerOptions): Viewer {
  return new PageViewer(options);
}

/** After the wish to join: the first chunk is then checked and asked for, and its way here is time to start the transport in. */
const TRANSPORT_AFTER_MS = 25;

const UNLOADED = 'A part of the player could not be loaded. Check your connection and reload the page.';
const UNSUPPORTED = 'This browser has no Media Source Extensions, which playback here needs. Try a current version of Firefox, Chrome, Edge or Safari.';

class PageViewer implements Viewer {
  readonly opened: Promise<void>;
  readonly #options: ViewerOptions;
  readonly #clock = new SystemClock();
  readonly #startedMs = this.#clock.nowMs();
  readonly #random = createRandom();
  readonly #hasher = new WebHasher();
  readonly #peer = createPeerId();
  readonly #transport: LateTransport;
  readonly #store: SnapshotStore<WatchSnapshot>;
  readonly #page = new AbortController();
  #mode: P2pMode;
  #failure: { readonly trouble: ChannelTrouble | 'unsupportedBrowser'; readonly sentence: string } | undefined;
  #description: ChannelDescription | undefined;
  #engine: Engine | undefined;
  #Hls: HlsClass | undefined;
  #video: HTMLVideoElement | undefined;
  #screen: ViewerScreen | undefined;
  #stopReports: Cancel | undefined;
  #isClosed = false;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#mode = options.mode;
    const chance = this.#random.fork('tracker');
    this.#transport = new LateTransport(async () => {
      await new Promise<void>((resolve) => this.#clock.after(TRANSPORT_AFTER_MS, resolve));
      const { openTransport } = await import('./open-transport.ts');
      const { serverUrl } = options;
      return openTransport({ self: this.#peer, serverUrl, clock: this.#clock, wallClockMs, chance: () => chance.next() });
    });
    this.#store = new SnapshotStore(() => this.snapshot(), this.#clock);
    const { signal } = this.#page;
    addEventListener('pagehide', () => this.#report(), { signal });
    // After a sleep or a change of network the socket may wait for its next attempt; no need to.
    addEventListener('online', () => this.#transport.reconnectNow(), { signal });
    this.opened = this.#open();
  }

  get getSnapshot(): () => WatchSnapshot {
    return this.#store.getSnapshot;
  }

  get subscribe(): (listener: () => void) => () => void {
    return this.#store.subscribe;
  }

  attach(video: HTMLVideoElement): () => void {
    this.#detach();
    this.#video = video;
    this.#show();
    return () => {
      if (this.#video === video) this.#detach();
    };
  }

  setMode(mode: P2pMode): void {
    this.#mode = mode;
    this.#engine?.setMode(mode);
    this.#store.touch();
  }

  setLevel(level: number): void {
    this.#screen?.player.setLevel(level);
  }

  jumpToLive(): void {
    this.#screen?.jumpToLive();
  }

  snapshot(): WatchSnapshot {
    const screen = this.#screen;
    const player = screen?.player;
    const failed = this.#failure !== undefined || player?.state.state === 'failed';
    const opened = this.#engine === undefined ? 'opening' : player?.state.state === 'recovering' ? 'recovering' : 'open';
    return {
      status: this.#isClosed ? 'closed' : failed ? 'failed' : opened,
      sentence: this.#failure?.sentence ?? player?.state.sentence ?? null,
      trouble: this.#failure?.trouble ?? null,
      title: this.#description?.title ?? null,
      kind: this.#description?.kind ?? null,
      engine: this.#engine?.snapshot() ?? null,
      playback: screen?.playback ?? NO_PLAYBACK,
      isMutedByBrowser: player?.state.isMutedByBrowser ?? false,
      needsClick: player?.state.needsClick ?? false,
      live: screen?.live ?? null,
      levels: player?.levels ?? [],
      level: player?.currentLevel ?? -1,
      isAutoLevel: player?.isAutoLevel ?? true,
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#report();
    this.#isClosed = true;
    this.#page.abort();
    this.#stopReports?.();
    this.#detach();
    this.#engine?.close();
    this.#transport.close();
    this.#store.close();
  }

  async #open(): Promise<void> {
    const { channel, serverUrl, boot } = this.#options;
    if (!canPlay()) {
      this.#fail({ trouble: 'unsupportedBrowser', sentence: UNSUPPORTED });
      return;
    }
    const opened = await openChannel({ channel, serverUrl, hasher: this.#hasher, signed: boot?.description });
    if (this.#isClosed) return;
    if (!opened.ok) {
      this.#fail(opened);
      return;
    }
    this.#description = opened.description;
    this.#engine = this.#createEngine(opened.description);
    this.#engine.setStreams(firstStreams(opened.description));
    if (boot !== undefined) this.#engine.offerEntries(decodeEntries(boot.entries));
    this.#engine.start();
    this.#reportLater();
    this.#store.touch();
    try {
      const found = loadHls(opened.description);
      this.#Hls = found instanceof Promise ? await found : found;
    } catch {
      this.#fail({ trouble: 'unreachable', sentence: UNLOADED });
      return;
    }
    this.#show();
    this.#store.touch();
  }

  #createEngine(description: ChannelDescription): Engine {
    const { channel, serverUrl, settings } = this.#options;
    const engine: Engine = createEngine(
      {
        clock: this.#clock,
        wallClockMs,
        random: this.#random.fork('engine'),
        hasher: this.#hasher,
        dialer: this.#transport.dialer,
        tracker: this.#transport.tracker,
        origin: new FetchOrigin({
          serverUrl,
          channel,
          clock: this.#clock,
          extensionOf: (stream) => description.streams.find(({ id }) => id === stream)?.extension ?? 'm4s',
          chunkBytes: (stream, chunk) => {
            const records = engine.records(stream);
            return records[chunk - (records[0]?.index ?? 0)]?.bytes;
          },
        }),
        store: new MemoryStore(),
      },
      { channel, description, peer: this.#peer, mode: this.#mode, role: 'viewer', settings: { ...defaultSettings, ...settings } },
    );
    return engine;
  }

  /** Brings player and element together once both the channel and the element are there. */
  #show(): void {
    const { channel, serverUrl } = this.#options;
    if (this.#engine === undefined || this.#description === undefined || this.#Hls === undefined || this.#video === undefined) return;
    if (this.#isClosed || this.#screen !== undefined) return;
    this.#screen = new ViewerScreen({
      Hls: this.#Hls,
      video: this.#video,
      engine: this.#engine,
      description: this.#description,
      source: serverUrl + paths.master(channel),
      clock: this.#clock,
      hostMs: () => wallClockMs() + (this.#transport.clockOffsetMs ?? 0),
      startedMs: this.#startedMs,
      onChanged: () => this.#store.touch(),
    });
  }

  #detach(): void {
    this.#screen?.close();
    this.#screen = undefined;
    this.#video = undefined;
  }

  #fail(failure: { readonly trouble: ChannelTrouble | 'unsupportedBrowser'; readonly sentence: string }): void {
    if (this.#isClosed) return;
    this.#failure = failure;
    this.#transport.close();
    this.#store.touch();
  }

  #reportLater(): void {
    this.#stopReports = this.#clock.after(this.#options.settings?.reportMs ?? defaultSettings.reportMs, () => {
      this.#report();
      this.#reportLater();
    });
  }

  #report(): void {
    const { stalls, stalledMs, startupMs, watchedMs } = this.#screen?.playback ?? NO_PLAYBACK;
    this.#engine?.report({ stalls, stalledMs, startupMs: startupMs ?? 0, watchedMs });
  }
}

/** The streams a viewer begins with: the first picture, and the first sound where it is a stream of its own. */
function firstStreams(description: ChannelDescription): StreamId[] {
  const main = description.streams.find(({ kind }) => kind === 'muxed' || kind === 'video');
  const audio = main?.kind === 'muxed' ? undefined : description.streams.find(({ kind }) => kind === 'audio');
  return [main, audio].flatMap((stream) => (stream === undefined ? [] : [streamId(stream.id)]));
}

/** The page's own entries; bytes that are none give none, and the engine asks the seeder. */
function decodeEntries(text: string): LogEntry[] {
  try {
    return decodeLogEntries(base64ToBytes(text));
  } catch {
    return [];
  }
}
