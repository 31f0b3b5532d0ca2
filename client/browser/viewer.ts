/**
 * The watching peer of a page: puts adapters, engine, loaders and player together. Everything that can begin without
 * the other begins at once (socket, signature check, MediaSource), because the first frame waits for the slowest of them.
 */
import type Hls from 'hls.js';
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
import { importAgain } from './import-again.ts';
import { LateTransport } from './late-transport.ts';
import { MemoryStore } from './memory-store.ts';
import { openChannel, type ChannelTrouble } from './open-channel.ts';
import { createPeerId, createRandom } from './random.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { soundsOf, withFirstSound } from './sounds.ts';
import { SystemClock, utcOffsetMinutes, wallClockMs } from './system-clock.ts';
import type { OpeningMedia, Viewer, ViewerOptions } from './viewer-api.ts';
import { aheadSeconds } from './media-ahead.ts';
import { NO_PLAYBACK, type SoundStream, type WatchSnapshot } from './watch-snapshot.ts';
import { prepareHls, type HlsClass } from './hls-player.ts';
import { canPlay, hlsAtHand, loadHls } from './load-hls.ts';
import { ViewerScreen } from './viewer-screen.ts';
import { WebHasher } from './web-hasher.ts';
import { whenCalm } from './when-calm.ts';

/** Starts to watch; the rest happens by itself. */
export function openViewer(options: ViewerOptions): Viewer {
  return new PageViewer(options);
}

/** Peers are met once a picture shows, or after this long without: their code would compete with what the picture waits for. */
const TRANSPORT_AFTER_MS = 300;

/** On a machine that is late, playback needs its time more than peers do, but not for long: they are what saves it work. */
const TRANSPORT_CALM_MS = 1_000;

/** Where opening was late, the picture's turn lasts this long, then the buffer's: meeting peers will stop the page for a while. */
const LATE_PICTURE_MS = 4_000;
const LATE_BUFFER_MS = 3_000;
const LATE_BUFFER_SECONDS = 4;

/** From the navigation to a channel that is known, ms, on a machine that has time: a tenth of it when idle, half of it when busy. */
const ORDINARY_OPENING_MS = 1_000;

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
  #sounds: readonly SoundStream[] = [];
  #engine: Engine | undefined;
  #Hls: HlsClass | undefined;
  /** Made of the build at hand while nothing is known of the channel yet. */
  #prepared: Hls | undefined;
  #video: HTMLVideoElement | undefined;
  #screen: ViewerScreen | undefined;
  #stopReports: Cancel | undefined;
  #isClosed = false;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#mode = options.mode;
    const chance = this.#random.fork('tracker');
    this.#transport = new LateTransport(async () => {
      // Where the server has no chunks there is no first picture without peers.
      if (options.boot?.hosted?.floor !== 'peers') {
        await this.#readyForPeers();
      }
      const { openTransport } = await importAgain(() => import('./open-transport.ts'));
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

  attach(media: OpeningMedia): () => void {
    const { video } = media;
    this.#detach();
    this.#video = video;
    if (this.#description === undefined && this.#failure === undefined) this.#prepared = prepareHls(hlsAtHand, media);
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

  setSound(stream: number): void {
    this.#screen?.player.setSound(streamId(stream));
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
      ...pictureUrls(this.#options, this.#description),
      engine: this.#engine?.snapshot() ?? null,
      playback: screen?.playback ?? NO_PLAYBACK,
      isMutedByBrowser: player?.state.isMutedByBrowser ?? false,
      needsClick: player?.state.needsClick ?? false,
      live: screen?.live ?? null,
      levels: player?.levels ?? [],
      level: player?.currentLevel ?? -1,
      isAutoLevel: player?.isAutoLevel ?? true,
      sounds: this.#sounds,
      sound: player?.sound ?? this.#sounds[0]?.stream ?? -1,
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
    // Records are checked while the description is: they have the same key. Nothing is fetched before both are good.
    let engine: Engine | undefined;
    const onClaimed = (description: ChannelDescription): void => {
      engine = this.#createEngine(description);
      engine.setStreams(firstStreams(withFirstSound(description, this.#options.pickSound)));
      if (boot !== undefined) engine.offerEntries(decodeEntries(boot.entries));
    };
    const opened = await openChannel({ channel, serverUrl, hasher: this.#hasher, signed: boot?.description, onClaimed });
    if (this.#isClosed || !opened.ok || engine === undefined) {
      engine?.close();
      if (!opened.ok) this.#fail(opened);
      return;
    }
    this.#description = withFirstSound(opened.description, this.#options.pickSound);
    this.#sounds = soundsOf(opened.description);
    this.#engine = engine;
    engine.setMode(this.#mode);
    engine.start();
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
    const { channel, serverUrl, settings, early, boot } = this.#options;
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
          early,
          extensionOf: (stream) => description.streams.find(({ id }) => id === stream)?.extension ?? 'm4s',
          chunkBytes: (stream, chunk) => {
            const records = engine.records(stream);
            return records[chunk - (records[0]?.index ?? 0)]?.bytes;
          },
        }),
        store: new MemoryStore(),
      },
      { channel, description, peer: this.#peer, mode: this.#mode, role: 'viewer', hosted: boot?.hosted, lateMs: this.#lateMs, utcOffsetMinutes: utcOffsetMinutes(), settings: { ...defaultSettings, ...settings } },
    );
    return engine;
  }

  /** What opening took beyond the ordinary: since the navigation, where the page was made for this channel. */
  get #lateMs(): number {
    const askedMs = this.#options.boot === undefined ? this.#startedMs : 0;
    return Math.max(0, this.#clock.nowMs() - askedMs - ORDINARY_OPENING_MS);
  }

  /** Brings player and element together once both the channel and the element are there. */
  #show(): void {
    const { channel, serverUrl } = this.#options;
    if (this.#engine === undefined || this.#description === undefined || this.#Hls === undefined || this.#video === undefined) return;
    if (this.#isClosed || this.#screen !== undefined) return;
    if (this.#Hls !== hlsAtHand) this.#dropPrepared();
    const hls = this.#prepared ?? prepareHls(this.#Hls, { video: this.#video });
    this.#prepared = undefined;
    this.#screen = new ViewerScreen({
      Hls: this.#Hls,
      hls,
      video: this.#video,
      engine: this.#engine,
      description: this.#description,
      readAgain: async () => this.#readAgain(),
      source: serverUrl + paths.master(channel),
      clock: this.#clock,
      hostMs: () => wallClockMs() + (this.#transport.clockOffsetMs ?? 0),
      startedMs: this.#startedMs,
      onChanged: () => this.#store.touch(),
    });
  }

  /** The description as it is now, checked as the first one was; undefined where it could not be had. */
  async #readAgain(): Promise<ChannelDescription | undefined> {
    const { channel, serverUrl } = this.#options;
    // Kept answers are older than what is asked for.
    const opened = await openChannel({ channel, serverUrl, hasher: this.#hasher, fetch: async (url, init) => fetch(url, { ...init, cache: 'no-store' }) });
    return opened.ok ? opened.description : undefined;
  }

  /** Peers come after the picture, and on a machine that is late after a buffer that outlasts the work of meeting them. */
  async #readyForPeers(): Promise<void> {
    const isLate = this.#lateMs > 0;
    await this.#until('loadeddata', () => true, isLate ? LATE_PICTURE_MS : TRANSPORT_AFTER_MS);
    await whenCalm({ clock: this.#clock, probes: 1, atMostMs: TRANSPORT_CALM_MS });
    // A start that is held back waits for media; meeting peers would make it wait longer.
    if (this.#video?.playbackRate === 0) await this.#until('ratechange', ({ playbackRate }) => playbackRate > 0, LATE_PICTURE_MS);
    if (isLate) await this.#until('progress', (video) => aheadSeconds(video) >= LATE_BUFFER_SECONDS, LATE_BUFFER_MS);
  }

  /** Resolves at an event of the element after which `isEnough`, or after `atMostMs`. Never rejects. */
  #until(event: 'loadeddata' | 'ratechange' | 'progress', isEnough: (video: HTMLVideoElement) => boolean, atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const video = this.#video;
      const stop = new AbortController();
      const done = (): void => {
        cancel();
        stop.abort();
        resolve();
      };
      const cancel = this.#clock.after(atMostMs, done);
      video?.addEventListener(event, () => {
        if (isEnough(video)) done();
      }, { signal: stop.signal });
    });
  }

  #dropPrepared(): void {
    this.#prepared?.destroy();
    this.#prepared = undefined;
  }

  #detach(): void {
    this.#dropPrepared();
    this.#screen?.close();
    this.#screen = undefined;
    this.#video = undefined;
  }

  #fail(failure: { readonly trouble: ChannelTrouble | 'unsupportedBrowser'; readonly sentence: string }): void {
    if (this.#isClosed) return;
    this.#failure = failure;
    this.#dropPrepared();
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

function pictureUrls({ serverUrl, channel }: ViewerOptions, description: ChannelDescription | undefined): Pick<WatchSnapshot, 'poster' | 'thumbnails'> {
  return {
    poster: description?.poster ? serverUrl + paths.picture(channel, description.poster.hash) : null,
    thumbnails: description?.thumbnails ? serverUrl + paths.thumbnailTrack(channel) : null,
  };
}
